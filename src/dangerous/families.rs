//! The variables that make programs load code, run other programs, or trust other servers, with the programs that read
//! them.
//!
//! A `*` stands for any text, and a pattern has at most one. A pattern covers a whole family only if no common
//! credential has such a name: `GIT_*` would refuse `GIT_TOKEN`, and `UV_INDEX_*` the password in
//! `UV_INDEX_MINE_PASSWORD`.

/// The variables that a group of programs reads.
pub(super) struct Family {
    /// The programs, and where this is documented.
    #[allow(dead_code, reason = "the source of each name, for who reads this table")]
    pub source: &'static str,
    /// Whether the programs ignore the case of the names.
    pub any_case: bool,
    /// The patterns of the names.
    pub names: &'static [&'static str],
}

const fn exact(source: &'static str, names: &'static [&'static str]) -> Family {
    Family { source, any_case: false, names }
}

const fn any_case(source: &'static str, names: &'static [&'static str]) -> Family {
    Family { source, any_case: true, names }
}

#[rustfmt::skip]
pub(super) const FAMILIES: &[Family] = &[
    exact("dynamic loaders: ld.so(8), dyld(1), glibc's sysdeps/generic/unsecvars.h, musl; AIX, HP-UX and IRIX by sudo's initial_badenv_table", &[
        "LD_*", "DYLD_*", "__XPC_*", "_RLD*", "LDR_*", "LIBPATH", "SHLIB_PATH", "GCONV_PATH", "GETCONF_DIR",
        "GLIBC_TUNABLES", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "MALLOC_TRACE", "MUSL_LOCPATH", "NIS_PATH", "NLSPATH",
        "PATH_LOCALE", "RESOLV_HOST_CONF", "RES_OPTIONS", "TMPDIR", "TZDIR", "LOCALE_ARCHIVE*", "AUTHSTATE", "VAR_ACE",
        "USR_ACE", "DLC_ACE",
    ]),
    exact("sanitizers, profilers and debuggers: compiler-rt, gcov, valgrind(1), the CUDA and OpenCL loaders", &[
        "*SAN_OPTIONS", "*SAN_SYMBOLIZER_PATH", "LLVM_PROFILE_FILE", "GCOV_PREFIX*", "GMON_OUT_PREFIX", "VALGRIND_OPTS",
        "VALGRIND_LIB", "DEBUGINFOD_URLS", "CUDA_INJECTION*", "OCL_ICD_*",
    ]),
    exact("shells: bash(1), dash(1), zshparam(1), ksh(1), fish(1); sudo's initial_badenv_table", &[
        "PATH", "IFS", "CDPATH", "ENV", "HOME", "SHELL", "BASH_ENV", "BASH_FUNC_*", "BASH_LOADABLES_PATH", "BASH_XTRACEFD",
        "BASHOPTS", "SHELLOPTS", "EXECIGNORE", "PS0", "PS1", "PS2", "PS3", "PS4", "RPS1", "RPROMPT", "PROMPT_COMMAND",
        "MAILPATH", "GLOBIGNORE", "ZDOTDIR", "FPATH", "NULLCMD", "READNULLCMD", "TMPPREFIX", "INPUTRC", "EDITRC", "fish_*",
        "__fish_*", "HISTFILE", "HISTEDIT", "FCEDIT",
    ]),
    exact("hook functions of zsh (zshmisc(1)) and of bash-preexec, which runs programs, too", &[
        "precmd_functions", "preexec_functions", "chpwd_functions", "periodic_functions", "zshaddhistory_functions",
        "zshexit_functions", "zsh_directory_name_functions",
    ]),
    exact("what shells and terminals are extended with: oh-my-zsh, oh-my-bash, bash-it, powerlevel10k, xonsh, Nushell, skim, \
           zoxide, micro, Helix, man-db, Jujutsu, Guix, RSpec, Playwright, nnn(1)", &[
        "ZSH", "ZSH_CUSTOM", "OSH", "OSH_CUSTOM", "BASH_IT", "BASH_IT_CUSTOM", "POWERLEVEL9K_*", "XONSHRC", "NU_LIB_DIRS",
        "SKIM_DEFAULT_*", "_ZO_FZF_OPTS", "MICRO_CONFIG_HOME", "HELIX_RUNTIME", "MANROFFOPT", "JJ_CONFIG",
        "GUIX_PACKAGE_PATH", "SPEC_OPTS", "PLAYWRIGHT_BROWSERS_PATH", "NNN_*",
    ]),
    any_case("npm, pnpm and Yarn, which take their own variables in any case: npm config(7), yarnpkg.com/configuration/yarnrc", &[
        "NPM_CONFIG_*", "PNPM_CONFIG_*", "NPM_EXECPATH", "NPM_NODE_EXECPATH", "YARN_YARN_PATH", "YARN_IGNORE_PATH",
        "YARN_RC_FILENAME", "YARN_PLUGINS", "YARN_GLOBAL_FOLDER", "YARN_CACHE_FOLDER", "YARN_SCRIPT_SHELL", "YARN_REGISTRY",
        "YARN_NPM_REGISTRY_SERVER", "YARN_ENABLE_SCRIPTS", "YARN_ENABLE_STRICT_SSL", "YARN_*_CA_FILE_PATH",
        "YARN_CA_FILE_PATH", "YARN_NETWORK_SETTINGS", "YARN_UNSAFE_HTTP_WHITELIST", "YARN_PACKAGE_EXTENSIONS",
    ]),
    exact("Node.js, Deno, Bun and what finds programs for them: node(1), docs.deno.com, bun.sh, the packages' own pages", &[
        "NODE_OPTIONS", "NODE_PATH", "NODE_REPL_EXTERNAL_MODULE", "NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED",
        "NODE_V8_COVERAGE", "NODE_REDIRECT_WARNINGS", "NODE_ICU_DATA", "NODE_COMPILE_CACHE", "NODE_REPL_HISTORY",
        "NODE_CONFIG_DIR", "DOTENV_CONFIG_*", "PNPM_HOME", "COREPACK_HOME", "COREPACK_NPM_REGISTRY", "COREPACK_INTEGRITY_KEYS", "NVM_*",
        "NODENV_*", "VOLTA_*", "FNM_*", "DENO_DIR", "DENO_CERT", "DENO_TLS_CA_STORE", "DENO_INSTALL*", "BUN_OPTIONS",
        "BUN_INSPECT*", "BUN_INSTALL*", "BUN_CONFIG_REGISTRY", "ELECTRON_RUN_AS_NODE", "ELECTRON_OVERRIDE_DIST_PATH",
        "ELECTRON_MIRROR", "ELECTRON_CUSTOM_*", "TS_NODE_*", "*_BINARY_PATH", "*_EXECUTABLE_PATH", "CHROME_BIN",
        "CHROME_PATH", "CYPRESS_RUN_BINARY", "PYTHON", "NAPI_RS_NATIVE_LIBRARY_PATH", "PRISMA_*_BINARY", "PRISMA_*_LIBRARY", "PRISMA_ENGINES_MIRROR",
    ]),
    exact("Selenium and jsii: selenium.dev (Selenium Manager), aws.github.io/jsii (configuration)", &[
        "SE_MANAGER_PATH", "SE_*DRIVER", "SE_BROWSER_PATH", "SE_CACHE_PATH", "SE_*_MIRROR_URL", "JSII_NODE", "JSII_RUNTIME",
    ]),
    exact("Python: python(1), pip's, uv's, Poetry's and conda's pages on environment variables, pytest, tox, virtualenvwrapper, gunicorn, uWSGI, uvicorn", &[
        "PYTHONSTARTUP", "PYTHONPATH", "PYTHONHOME", "PYTHONINSPECT", "PYTHONUSERBASE", "PYTHONBREAKPOINT",
        "PYTHONPLATLIBDIR", "PYTHONWARNINGS", "PYTHONEXECUTABLE", "PYTHONPYCACHEPREFIX", "PYTHONHTTPSVERIFY",
        "PYTHONPERFSUPPORT", "PYTHON_HISTORY", "PYTHON_PRESITE", "PYTHON_EGG_CACHE", "PIP_*", "PIPENV_*", "PIPX_*", "PDM_*",
        "VIRTUAL_ENV", "VIRTUALENV_*", "VIRTUALENVWRAPPER_*", "WORKON_HOME", "RYE_HOME", "PYENV_*", "CONDA_*", "CONDARC", "MAMBA_*", "PIXI_HOME", "PIXI_CACHE_DIR", "RATTLER_CACHE_DIR", "UV", "UV_PYTHON*", "UV_INDEX",
        "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_CONFIG_FILE", "UV_INSECURE_HOST",
        "UV_TOOL_*", "UV_CACHE_DIR", "UV_PROJECT*", "UV_OVERRIDE", "UV_CONSTRAINT", "UV_BUILD_CONSTRAINT", "UV_ENV_FILE",
        "POETRY_HOME", "POETRY_CONFIG_DIR", "POETRY_DATA_DIR", "POETRY_CACHE_DIR", "POETRY_VIRTUALENVS_*",
        "POETRY_REPOSITORIES_*", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "TOX_*", "COVERAGE_PROCESS_START", "COVERAGE_RCFILE",
        "JUPYTER_PATH", "JUPYTER_CONFIG_*", "IPYTHONDIR", "MPLBACKEND", "MATPLOTLIBRC", "GUNICORN_CMD_ARGS", "UWSGI_*",
        "UVICORN_APP*", "UVICORN_LOOP", "UVICORN_HTTP", "UVICORN_LOG_CONFIG", "UVICORN_ENV_FILE", "SETUPTOOLS_*",
        "DISTUTILS_*",
    ]),
    exact("compilers at run time, whose caches have machine code and pickles: torch.utils.cpp_extension, Triton's knobs, Numba's page on environment variables", &[
        "TORCH_EXTENSIONS_DIR", "TORCHINDUCTOR_CACHE_DIR", "TRITON_HOME", "TRITON_CACHE_*", "TRITON_OVERRIDE_DIR",
        "TRITON_PTXAS_PATH", "NUMBA_CACHE_DIR",
    ]),
    exact("Perl, Ruby, PHP, Lua, Tcl, awk: perlrun(1), ruby(1), irb(1), bundle-config(1), gem's and Composer's pages, Spring (Rails), php(1), Symfony's PhpExecutableFinder, lua(1), tclsh(1), gawk(1)", &[
        "PERL5*", "PERL_*", "PERLLIB", "PERLIO*", "PERLDB*", "PERLDOC*", "RUBYOPT", "RUBYLIB*", "RUBYPATH", "RUBYSHELL",
        "RUBYGEMS_GEMDEPS", "RBENV_*", "rvm_*", "IRBRC", "PRYRC", "GEM_HOME", "GEM_PATH", "GEM_SPEC_CACHE", "GEMRC",
        "BUNDLE_GEMFILE", "BUNDLE_PATH*", "BUNDLE_BIN", "BUNDLE_APP_CONFIG", "BUNDLE_USER_*", "BUNDLE_BUILD__*",
        "BUNDLE_PLUGINS*", "BUNDLE_MIRROR__*", "BUNDLE_LOCAL__*", "BUNDLE_SSL_*", "BUNDLE_CONFIG", "BUNDLER_ORIG_*",
        "BUNDLER_VERSION", "BUNDLER_SETUP", "BOOTSNAP_CACHE_DIR", "RAKEOPT", "THOR_MERGE", "THOR_DIFF", "SPRING_SERVER_COMMAND", "JRUBY_OPTS", "PHPRC", "PHP_BINARY", "PHP_PATH", "PHP_PEAR_PHP_BIN",
        "PHP_INI_SCAN_DIR", "COMPOSER", "COMPOSER_HOME", "COMPOSER_VENDOR_DIR", "COMPOSER_BIN_DIR", "COMPOSER_CACHE_DIR",
        "COMPOSER_CAFILE", "COMPOSER_DISABLE_NETWORK", "WP_CLI_CONFIG_PATH", "WP_CLI_PACKAGES_DIR", "LUA_INIT*", "LUA_PATH*", "LUA_CPATH*", "LUAROCKS_*", "TCLLIBPATH",
        "TCL_LIBRARY", "TK_LIBRARY", "AWKPATH", "AWKLIBPATH",
    ]),
    exact("Java and its builders and servers: java(1), JVMTI, mvn(1), gradle(1), the start scripts of each", &[
        "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_*", "JAVA_OPTS", "JAVA_OPTIONS", "*_JAVA_OPTS", "*_JVM_OPTS", "JVM_OPTS",
        "JAVA_HOME", "ANDROID_HOME", "ANDROID_SDK_ROOT", "SDKMAN_DIR", "JAVACMD", "JRE_HOME", "CLASSPATH", "MAVEN_OPTS", "MAVEN_ARGS", "MAVEN_CONFIG", "MAVEN_HOME", "M2_HOME",
        "MVNW_REPOURL", "GRADLE_OPTS", "GRADLE_HOME", "GRADLE_USER_HOME", "SBT_OPTS", "SBT_HOME", "ANT_OPTS", "ANT_ARGS",
        "ANT_HOME", "LEIN_HOME", "LEIN_JAVA_CMD", "CLJ_CONFIG", "GROOVY_HOME", "SCALA_HOME", "KOTLIN_HOME", "CATALINA_*",
        "KAFKA_*OPTS", "JYTHON*", "JENV_*",
    ]),
    exact("logging of Java programs, whose configuration names classes and scripts: Spring Boot's logging.config, Log4j's page on configuration", &[
        "LOGGING_CONFIG", "LOG4J_CONFIGURATION_FILE",
    ]),
    exact("Hadoop, Spark and SonarScanner: hadoop-env.sh, Spark's page on configuration (environment variables), docs.sonarsource.com (SonarScanner CLI)", &[
        "HADOOP_*OPTS", "HADOOP_HOME", "HADOOP_*_HOME", "HADOOP_CONF_DIR", "HADOOP_CLASSPATH", "YARN_CONF_DIR", "SPARK_HOME",
        "SPARK_SUBMIT_OPTS", "SPARK_CONF_DIR", "SPARK_CLASSPATH", "PYSPARK_*", "SPARKR_DRIVER_R", "SONAR_SCANNER_OPTS",
        "SONAR_SCANNER_JAVA_*", "SONAR_SCANNER_HOME", "SONAR_USER_HOME",
    ]),
    exact("Airflow and Celery: Airflow's configuration reference (plugins, DAGs, values from commands), celery.loaders and celery.app.base", &[
        "AIRFLOW_HOME", "AIRFLOW_CONFIG", "AIRFLOW__CORE__PLUGINS_FOLDER", "AIRFLOW__CORE__DAGS_FOLDER",
        "AIRFLOW__CORE__EXECUTOR", "AIRFLOW__SECRETS__BACKEND", "AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS", "AIRFLOW__*_CMD",
        "CELERY_CONFIG_MODULE", "CELERY_LOADER",
    ]),
    exact("Mono: mono(1)", &[
        "MONO_PATH", "MONO_CONFIG", "MONO_CFG_DIR", "MONO_ENV_OPTIONS", "MONO_GAC_PREFIX", "MONO_PROFILE", "MONO_AOT_CACHE",
    ]),
    exact("environment modules, which run Tcl or Lua: module(1), Lmod's page on configuration", &[
        "MODULEPATH*", "MODULESHOME", "MODULERCFILE", "MODULES_*", "LMOD_*",
    ]),
    any_case(".NET and MSBuild, which take names in any case: learn.microsoft.com (hosting startup, MSBuild properties)", &[
        "DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE", "DOTNET_ROOT*", "DOTNET_HOST_PATH",
        "DOTNET_CLI_HOME", "DOTNET_BUNDLE_EXTRACT_BASE_DIR", "DOTNET_MSBUILD_*", "DOTNET_DiagnosticPorts", "DOTNET_GCName",
        "DOTNET_GCPath", "DOTNET_AltJit*", "COMPlus_*", "CORECLR_*", "COR_PROFILER*", "COR_ENABLE_PROFILING",
        "DOTNET_HOSTINGSTARTUPASSEMBLIES", "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", "MSBUILD*", "CustomBefore*",
        "CustomAfter*", "DirectoryBuild*", "NUGET_PACKAGES", "NUGET_*PLUGIN_PATHS", "NUGET_FALLBACK_PACKAGES",
        "NUGET_RESTORE_*", "PSModulePath", "COMSPEC",
    ]),
    exact("Erlang, Elixir, Haskell, OCaml, Guile, R, Julia, Dart, Swift, Nix: erl(1), mix help, ghc(1), ocamlrun(1), guile(1), R's ?Startup, each one's manual", &[
        "ERL_*", "ELIXIR_*", "MIX_HOME", "MIX_ARCHIVES", "MIX_EXS", "MIX_PATH", "MIX_DEPS_PATH", "MIX_BUILD_PATH",
        "MIX_REBAR*", "HEX_HOME", "HEX_MIRROR*", "HEX_UNSAFE_*", "REBAR_*", "RELEASE_VM_ARGS", "RELEASE_SYS_CONFIG",
        "RELEASE_BOOT_SCRIPT*", "RELEASE_ROOT", "RELEASE_REMOTE_VM_ARGS", "GHC_*", "GHCRTS", "CABAL_DIR", "CABAL_CONFIG",
        "STACK_ROOT", "STACK_YAML", "OCAMLPATH", "OCAMLLIB", "OCAMLRUNPARAM", "CAMLRUNPARAM", "CAML_LD_LIBRARY_PATH",
        "OPAM*", "GUILE_*", "R_PROFILE*", "R_ENVIRON*", "R_LIBS*", "R_HOME", "R_DEFAULT_PACKAGES", "JULIA_*", "PUB_CACHE",
        "PUB_HOSTED_URL", "FLUTTER_ROOT", "FLUTTER_STORAGE_BASE_URL", "SWIFT_EXEC", "NIX_*", "ASDF_*", "MISE_CONFIG_*",
        "MISE_DATA_DIR", "MISE_ENV*", "MISE_TRUSTED_CONFIG_PATHS", "RTX_CONFIG_*", "RTX_DATA_DIR", "RTX_ENV*",
        "RTX_TRUSTED_CONFIG_PATHS",
    ]),
    exact("Go: go help environment, goenv", &[
        "GOFLAGS", "GOPATH", "GOROOT", "GOENV", "GOBIN", "GOCACHE", "GOCACHEPROG", "GOMODCACHE", "GOTMPDIR", "GOAUTH",
        "GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB", "GOINSECURE", "GOVCS", "GOTOOLCHAIN", "GOTOOLDIR",
        "GOWORK", "GOENV_*", "GOEXPERIMENT", "GCCGO", "CGO_*", "GO_EXTLINK_ENABLED", "GO_LDSO",
    ]),
    exact("Rust: the Cargo book (environment variables, configuration), rustup", &[
        "CARGO", "CARGO_HOME", "CARGO_BUILD_*", "CARGO_TARGET_*", "CARGO_ALIAS_*", "CARGO_ENCODED_*", "CARGO_HTTP_*",
        "CARGO_NET_*", "CARGO_UNSTABLE_*", "CARGO_PROFILE_*", "CARGO_CREDENTIAL_ALIAS_*", "CARGO_REGISTRY_GLOBAL_*",
        "CARGO_REGISTRY_CREDENTIAL_PROVIDER", "CARGO_REGISTRY_DEFAULT", "CARGO_REGISTRIES_*_PROVIDER",
        "CARGO_REGISTRIES_*_INDEX", "RUSTC*", "RUSTDOC*", "RUSTFLAGS", "RUSTFMT", "RUSTUP_*",
    ]),
    exact("compilers and builders: gcc(1), clang(1), make(1), cmake-env-variables(7), pkg-config(1), ccache(1), autoconf, TeX's kpathsea", &[
        "CC", "CXX", "CPP", "AR", "AS", "LD", "NM", "RANLIB", "STRIP", "OBJCOPY", "FC", "F77", "CC_*", "CXX_*", "AR_*",
        "HOST_CC", "TARGET_CC", "CFLAGS*", "CXXFLAGS*", "CPPFLAGS", "FFLAGS", "FCFLAGS", "LDFLAGS", "LDLIBS",
        "COMPILER_PATH", "GCC_EXEC_PREFIX", "LIBRARY_PATH", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH",
        "OBJC_INCLUDE_PATH", "COLLECT_*", "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES", "CCC_*", "CLANG_CONFIG_FILE*",
        "SDKROOT", "DEVELOPER_DIR", "TOOLCHAINS", "MAKEFLAGS", "GNUMAKEFLAGS", "MFLAGS", "MAKEFILES", "MAKE", "CMAKE_*",
        "NINJA_STATUS", "PKG_CONFIG*", "CCACHE_*", "SCCACHE_CONF", "DISTCC_*", "AUTOCONF*", "AUTOM4TE*", "AUTOMAKE*",
        "ACLOCAL*", "LIBTOOL*", "M4", "M4PATH", "CONFIG_SITE", "CONFIG_SHELL", "BAZEL_SH", "BAZELISK_*", "USE_BAZEL_VERSION", "JUST_JUSTFILE",
        "TEXMF*", "TEXINPUTS*", "BIBINPUTS*", "openout_any", "openin_any", "shell_escape*", "TEXEDIT", "MFEDIT", "MPEDIT",
    ]),
    exact("archivers and other programs that take options from a variable: tar(1), zip(1), unzip(1), gzip(1), xz(1), parallel(1), groff(1)", &[
        "TAR_OPTIONS", "TAPE", "RSH", "RMT", "ZIPOPT", "ZIP", "UNZIP", "UNZIPOPT", "ZIPINFO", "ZIPINFOOPT", "GZIP", "BZIP2",
        "BZIP", "XZ_OPT", "XZ_DEFAULTS", "PARALLEL", "PARALLEL_*", "GREP_OPTIONS", "DIFF_OPTIONS", "DIFFPROG", "GROFF_*",
        "GS_LIB", "GS_OPTIONS", "MAGICK_*", "GDAL_DRIVER_PATH", "GDAL_PYTHON*", "FFREPORT",
    ]),
    exact("programs that run the programs of other systems: qemu-user's linux-user/main.c, wine(1)", &[
        "QEMU_LD_PREFIX", "QEMU_PLUGIN", "QEMU_SET_ENV", "WINEDLLOVERRIDES", "WINEDLLPATH", "WINELOADER", "WINESERVER",
        "WINEPREFIX",
    ]),
    exact("editors, pagers and browsers that a program starts for you, under the program's own prefix too: man(1), less(1), vim(1), emacs(1), the tools' pages", &[
        "EDITOR", "VISUAL", "PAGER", "BROWSER", "*_EDITOR", "*_PAGER", "*_BROWSER", "*_ASKPASS", "SELECTED_EDITOR", "MANPAGER",
        "MANOPT", "MANPATH", "MANROFFSEQ", "LESSOPEN", "LESSCLOSE", "LESS", "LESSKEY*", "LESSEDIT", "LESSECHO",
        "LESSHISTFILE", "MORE", "SYSTEMD_LESS", "VIM", "VIMRUNTIME", "VIMINIT", "GVIMINIT", "EXINIT", "NVIM_APPNAME",
        "EMACSLOADPATH", "EMACSDATA", "EMACSPATH", "ALTERNATE_EDITOR", "TERMCAP", "TERMINFO", "TERMINFO_DIRS", "TERMPATH",
        "MAILCAP", "MAILCAPS", "MAILRC", "LG_CONFIG_FILE", "SCREENRC", "SYSSCREENRC", "TMUX", "TMUX_TMPDIR", "STARSHIP_CONFIG", "STARSHIP_SHELL",
        "FZF_*", "RIPGREP_CONFIG_PATH", "BAT_CONFIG_*", "ACKRC", "LYNX_CFG", "WGETRC", "SYSTEM_WGETRC", "CURL_HOME", "NETRC",
        "HTTPIE_CONFIG_DIR", "DIRENV_*", "PRE_COMMIT_HOME", "LEFTHOOK_BIN", "LEFTHOOK_CONFIG",
    ]),
    exact("remote shells and their helpers: ssh(1), ssh-add(1), rsync(1), pdsh(1), gpg(1), age, pass(1), sops", &[
        "SSH_ASKPASS_REQUIRE", "SSH_AUTH_SOCK", "SSH_SK_HELPER", "SSH_SK_PROVIDER", "SSH_PKCS11_HELPER", "RSYNC_RSH",
        "RSYNC_CONNECT_PROG", "RSYNC_PROXY", "RSYNC_OLD_ARGS", "GNUPGHOME", "GPG_AGENT_INFO", "PINENTRY_*",
        "PASSWORD_STORE_*", "PDSH_*", "SOPS_AGE_*_CMD", "SOPS_GPG_EXEC",
    ]),
    exact("backup programs, and whatever asks a command for its password: borg(1), restic's and rclone's pages on environment variables", &[
        "BORG_RSH", "BORG_PASSCOMMAND", "BORG_REMOTE_PATH", "*_PASSWORD_COMMAND", "*_TOKEN_COMMAND", "RCLONE_CONFIG",
        "RCLONE_SFTP_SSH", "RCLONE_CONFIG_*_SSH", "RCLONE_METADATA_MAPPER",
    ]),
    exact("git: git(1), git-config(1), git's gitcredentials(7)", &[
        "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_*", "GIT_CONFIG*", "GIT_EXEC_PATH", "GIT_PROXY_COMMAND",
        "GIT_PROXY_SSL_*", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_TEMPLATE_DIR", "GIT_DIR", "GIT_COMMON_DIR",
        "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_QUARANTINE_PATH", "GIT_ATTR_*", "GIT_SHELL_PATH", "GIT_ALLOW_PROTOCOL", "GIT_PROTOCOL_FROM_USER",
        "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_NAMESPACE", "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_TRACE*", "GIT_REDIRECT_*", "GIT_LFS_*", "GIT_INTERNAL_*",
    ]),
    exact("other version control: hg(1), svn(1), cvs(1), bzr(1), p4", &[
        "HG", "HGRCPATH", "HGEDITOR", "HGMERGE", "HGPLAIN*", "SVN_SSH", "CVS_RSH", "CVS_SERVER", "CVSEDITOR", "CVSROOT",
        "BZR_*", "P4CONFIG", "P4EDITOR", "P4PAGER", "P4DIFF", "P4MERGE", "P4ALIASES",
    ]),
    exact("database clients: psql(1), libpq, libmysqlclient's mysql_load_plugin, Oracle's OCI, unixODBC, redis-cli, sqlite3(1)", &[
        "PSQLRC", "PSQL_HISTORY", "PGSERVICEFILE", "PGSYSCONFDIR", "PGPASSFILE", "LIBMYSQL_*", "MYSQL_HOME",
        "MYSQL_HISTFILE", "MYSQL_GROUP_SUFFIX", "MYSQL_TEST_LOGIN_FILE", "ORACLE_HOME", "ORACLE_PATH", "TNS_ADMIN", "SQLPATH",
        "ODBCINI", "ODBCSYSINI", "ODBCINSTINI", "FREETDSCONF", "REDISCLI_RCFILE", "SQLITE_HISTORY",
    ]),
    exact("cloud and container tools: ansible-config(1), the AWS CLI's and SDKs' pages, Terraform, kubectl, Helm, Docker, Podman, gcloud, az, GitHub's runner", &[
        "ANSIBLE_*", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_DATA_PATH", "AWS_CLI_HISTORY_FILE",
        "TF_CLI_ARGS*", "TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_DATA_DIR", "TF_REATTACH_PROVIDERS", "TF_LOG_PATH",
        "TF_TEMP_LOG_PATH", "TERRAFORM_CONFIG", "TERRAGRUNT_*", "TG_TF_PATH", "PULUMI_HOME", "PACKER_CONFIG*",
        "PACKER_PLUGIN_PATH", "VAGRANT_VAGRANTFILE", "VAGRANT_HOME", "VAGRANT_CWD", "VAGRANT_DOTFILE_PATH", "KUBECONFIG",
        "KUBECTL_*", "KREW_ROOT", "KUBERC", "KUSTOMIZE_PLUGIN_HOME", "HELM_PLUGINS", "HELM_BIN", "HELM_*_HOME", "HELM_REPOSITORY_*", "HELM_REGISTRY_CONFIG",
        "K9S_CONFIG_DIR", "K9SCONFIG", "DOCKER_CONFIG", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH",
        "DOCKER_TLS_VERIFY", "BUILDX_*", "BUILDKIT_HOST", "COMPOSE_FILE", "COMPOSE_ENV_FILES", "CONTAINER_HOST",
        "CONTAINERS_*", "REGISTRY_AUTH_FILE", "CLOUDSDK_CONFIG", "CLOUDSDK_ROOT_DIR", "CLOUDSDK_PYTHON*", "CLOUDSDK_*_PYTHON", "BOTO_CONFIG",
        "BOTO_PATH", "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "AZURE_CONFIG_DIR", "AZURE_EXTENSION_DIR",
        "OCI_CLI_CONFIG_FILE", "OCI_CLI_RC_FILE", "GH_CONFIG_DIR", "GH_PATH", "GLAB_CONFIG_DIR", "GITHUB_ENV",
        "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_ACTION_PATH",
    ]),
    exact("package managers of systems: apt.conf(5), dpkg(1), rpm(8), pacman(8), brew(1)", &[
        "APT_CONFIG", "DPKG_*", "RPM_CONFIGDIR", "PACMAN", "PACMAN_*", "MAKEPKG_CONF", "NEEDRESTART_*", "PKG_PATH",
        "HOMEBREW_PREFIX", "HOMEBREW_REPOSITORY", "HOMEBREW_*_GIT_REMOTE", "HOMEBREW_*_DOMAIN", "HOMEBREW_RUBY_PATH",
    ]),
    exact("whom a program trusts, and where cryptography finds modules: openssl-env(7), curl(1), requests, krb5.conf(5), ldap.conf(5), p11-kit", &[
        "*_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "OPENSSL_CONF*", "OPENSSL_ENGINES",
        "OPENSSL_MODULES", "KRB5*", "GSS_MECH_CONFIG", "SASL_PATH", "SASL_CONF_PATH", "LDAPRC", "LDAPCONF", "LDAPTLS_*",
        "P11_KIT_*", "PKCS11_MODULE*", "PKCS11_PROVIDER_MODULE", "SOFTHSM2_CONF", "GNUTLS_*",
    ]),
    exact("desktop libraries that load plugins: GTK, GLib, Qt, GStreamer, Mesa, Vulkan, fontconfig, ALSA, X(7), D-Bus, the XDG Base Directory Specification", &[
        "GIO_*", "GI_TYPELIB_PATH", "GTK*_MODULES", "GTK_MODULES", "GTK_PATH", "GTK_IM_MODULE*", "GTK_EXE_PREFIX",
        "GTK_DATA_PREFIX", "GTK2_RC_FILES", "GDK_PIXBUF_MODULE*", "GSETTINGS_SCHEMA_DIR", "QT_*", "QML_IMPORT_PATH",
        "QML2_IMPORT_PATH", "GST_PLUGIN_*", "GST_REGISTRY*", "LADSPA_PATH", "LV2_PATH", "FREI0R_PATH", "SDL_DYNAMIC_API*",
        "LIBGL_DRIVERS_PATH", "LIBVA_DRIVER*", "VDPAU_DRIVER*", "GBM_BACKENDS_PATH", "__EGL_*", "__GLX_*",
        "VK_DRIVER_FILES", "VK_ADD_*", "VK_ICD_FILENAMES", "VK_INSTANCE_LAYERS", "VK_LAYER_*", "VK_LOADER_*",
        "FONTCONFIG_*", "ALSA_CONFIG_*", "XENVIRONMENT", "XAPPLRESDIR", "XFILESEARCHPATH", "XLOCALEDIR", "XDG_*",
        "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS",
    ]),
];
