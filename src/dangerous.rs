//! Names that make a program load code or change where it finds programs.
//!
//! Whoever may write one value of an environment could otherwise run code as whoever runs `vault exec`. They are
//! refused by `set` and `exec`, skipped and named by `import`, unless allowed by name.

/// The one list. An entry that ends in `*` is a prefix.
///
/// From glibc's variables that set-user-ID programs don't see (`sysdeps/generic/unsecvars.h`), sudo's
/// `initial_badenv_table`, and the hooks of the shells, interpreters, pagers and version control systems in wide use.
/// Prefixes are taken only where no credential in use starts with them: `GIT_*` would refuse `GIT_TOKEN`.
#[rustfmt::skip]
pub const DANGEROUS_NAMES: &[&str] = &[
    // The dynamic loader and the C library: glibc, musl, macOS, AIX, HP-UX, IRIX.
    "LD_*", "DYLD_*", "_RLD*", "LDR_*", "LIBPATH", "SHLIB_PATH", "GCONV_PATH", "GETCONF_DIR", "GLIBC_TUNABLES",
    "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "MALLOC_TRACE", "MUSL_LOCPATH", "NIS_PATH", "NLSPATH", "PATH_LOCALE",
    "RESOLV_HOST_CONF", "RES_OPTIONS", "TMPDIR", "TZDIR", "LOCALE_ARCHIVE", "AUTHSTATE", "VAR_ACE", "USR_ACE", "DLC_ACE",
    // Shells.
    "PATH", "IFS", "CDPATH", "ENV", "HOME", "SHELL", "BASH_ENV", "BASH_FUNC_*", "BASHOPTS", "SHELLOPTS", "PS4",
    "PROMPT_COMMAND", "GLOBIGNORE", "ZDOTDIR", "FPATH", "NULLCMD", "READNULLCMD", "TMPPREFIX", "INPUTRC",
    "fish_function_path", "fish_complete_path", "HISTFILE",
    // Interpreters and runtimes.
    "NODE_OPTIONS", "NODE_PATH", "NODE_REPL_EXTERNAL_MODULE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_SCRIPT_SHELL",
    "npm_config_script_shell", "NPM_CONFIG_NODE_OPTIONS", "npm_config_node_options", "NPM_CONFIG_USERCONFIG",
    "npm_config_userconfig", "NPM_CONFIG_GLOBALCONFIG", "npm_config_globalconfig", "NPM_CONFIG_PREFIX", "npm_config_prefix",
    "PYTHONSTARTUP", "PYTHONPATH", "PYTHONHOME", "PYTHONINSPECT", "PYTHONUSERBASE", "PYTHONBREAKPOINT",
    "PYTHONPLATLIBDIR", "PYTHONWARNINGS", "PYTHONEXECUTABLE", "PYTHONPYCACHEPREFIX", "PIP_CONFIG_FILE", "PIP_PYTHON",
    "PERL5OPT", "PERL5LIB", "PERLLIB", "PERL5DB", "PERL5SHELL", "PERLIO_DEBUG", "PERL_MB_OPT", "PERL_MM_OPT",
    "RUBYOPT", "RUBYLIB", "RUBYSHELL", "GEM_HOME", "GEM_PATH", "BUNDLE_GEMFILE", "BUNDLE_PATH", "PHPRC",
    "PHP_INI_SCAN_DIR", "LUA_INIT*", "LUA_PATH*", "LUA_CPATH*", "TCLLIBPATH", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS", "JAVA_OPTS", "JAVA_HOME", "CLASSPATH", "MAVEN_OPTS", "MAVEN_ARGS", "GRADLE_OPTS", "SBT_OPTS",
    "DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE", "DOTNET_ROOT*", "CORECLR_*", "COR_PROFILER*",
    "COR_ENABLE_PROFILING", "ERL_LIBS", "ERL_FLAGS", "ERL_AFLAGS", "ERL_ZFLAGS", "ELIXIR_ERL_OPTIONS", "AWKPATH", "AWKLIBPATH", "GUILE_LOAD_PATH",
    "GUILE_LOAD_COMPILED_PATH", "PSModulePath", "COMSPEC", "ComSpec", "R_PROFILE*",
    "R_ENVIRON*", "R_LIBS*", "JULIA_LOAD_PATH", "JULIA_DEPOT_PATH", "DENO_DIR", "BUN_OPTIONS", "GOFLAGS", "GOPATH",
    "GOROOT", "GOENV", "CARGO_HOME", "CARGO_BUILD_*", "CARGO_TARGET_*", "CARGO_ALIAS_*", "RUSTC", "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER", "RUSTFLAGS", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "MAKEFLAGS", "GNUMAKEFLAGS", "MFLAGS",
    "MAKEFILES", "CMAKE_TOOLCHAIN_FILE", "CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS",
    // Programs that are started for you.
    "EDITOR", "VISUAL", "PAGER", "MANPAGER", "MANOPT", "LESSOPEN", "LESSCLOSE", "LESS", "LESSKEY*", "MORE", "BROWSER",
    "SYSTEMD_EDITOR", "SYSTEMD_PAGER", "SYSTEMD_LESS", "SUDO_EDITOR", "SUDO_ASKPASS", "SSH_ASKPASS", "SSH_AUTH_SOCK",
    "VIM", "VIMRUNTIME", "VIMINIT", "GVIMINIT", "EXINIT", "EMACSLOADPATH", "TERMCAP", "TERMINFO", "TERMINFO_DIRS",
    "TERMPATH", "FZF_DEFAULT_COMMAND", "FZF_DEFAULT_OPTS*", "RIPGREP_CONFIG_PATH", "BAT_PAGER", "DELTA_PAGER", "WGETRC",
    "CURL_HOME", "RSYNC_RSH", "RSYNC_CONNECT_PROG", "CVS_RSH", "CVS_SERVER", "CVSEDITOR", "HGRCPATH", "HGEDITOR",
    "HGMERGE", "HG", "SVN_SSH", "SVN_EDITOR", "PSQL_EDITOR", "PSQLRC", "ANSIBLE_CONFIG", "ANSIBLE_LIBRARY",
    "TF_CLI_CONFIG_FILE", "DOCKER_CONFIG", "DOCKER_HOST", "KUBECONFIG", "AWS_CONFIG_FILE",
    // git.
    "GIT_SSH", "GIT_SSH_COMMAND", "GIT_CONFIG*", "GIT_EXEC_PATH", "GIT_PROXY_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR", "GIT_PAGER", "GIT_ASKPASS", "GIT_TEMPLATE_DIR", "GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE",
    "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_ATTR_SOURCE", "GIT_SHELL_PATH",
    "GIT_ALLOW_PROTOCOL", "GIT_PROTOCOL_FROM_USER",
    // Where libraries find configuration that names code or trust.
    "OPENSSL_CONF*", "OPENSSL_ENGINES", "OPENSSL_MODULES", "SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "KRB5_CONFIG*", "KRB5_KTNAME", "GIO_EXTRA_MODULES", "GIO_MODULE_DIR", "GTK_MODULES", "GTK_PATH", "GTK2_RC_FILES",
    "QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "GST_PLUGIN_*", "LIBGL_DRIVERS_PATH", "VK_DRIVER_FILES",
    "VK_ICD_FILENAMES", "VK_LAYER_PATH", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_DATA_DIRS",
    "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS",
    // Our own: a value must not choose the vault, the key or the rules of a vault started by the program.
    "VAULT_KEY*", "VAULT_PASSPHRASE*", "VAULT_FILE", "VAULT_ENV", "VAULT_USER", "VAULT_STATE_DIR", "VAULT_PIN",
    "VAULT_STRICT", "VAULT_LOG_SYNC", "VAULT_ALLOW_NAMES", "VAULT_AGENT",
];

/// The list in the order of first letters, and where each letter's entries begin: made by the compiler, because every
/// `exec` asks for every item.
const SORTED: ([&str; DANGEROUS_NAMES.len()], [u16; 129]) = {
    let mut sorted = [""; DANGEROUS_NAMES.len()];
    let mut begins = [0; 129];
    let (mut letter, mut length) = (0, 0);
    while letter < 128 {
        begins[letter] = length as u16;
        let mut index = 0;
        while index < DANGEROUS_NAMES.len() {
            if DANGEROUS_NAMES[index].as_bytes()[0] as usize == letter {
                sorted[length] = DANGEROUS_NAMES[index];
                length += 1;
            }
            index += 1;
        }
        letter += 1;
    }
    begins[128] = length as u16;
    (sorted, begins)
};
static ENTRIES: [&str; DANGEROUS_NAMES.len()] = SORTED.0;
static BEGINS: [u16; 129] = SORTED.1;

/// Whether setting this variable makes programs load code (see [`DANGEROUS_NAMES`]).
#[must_use]
pub fn is_dangerous(name: &str) -> bool {
    let Some(letter) = name.bytes().next().map(usize::from).filter(|letter| *letter < 128) else { return false };
    let entries = &ENTRIES[usize::from(BEGINS[letter])..usize::from(BEGINS[letter + 1])];
    entries.iter().any(|entry| match entry.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *entry,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e6_hooks_are_dangerous_and_credentials_are_not() {
        for name in ["LD_PRELOAD", "BASH_ENV", "BASH_FUNC_x%%", "NODE_OPTIONS", "GIT_CONFIG_COUNT", "PATH", "DYLD_X"] {
            assert!(is_dangerous(name), "{name}");
        }
        for entry in DANGEROUS_NAMES {
            assert!(is_dangerous(&entry.replace('*', "_X")), "{entry}");
        }
        for name in [
            "",
            "é",
            "*",
            "GIT_TOKEN",
            "CARGO_REGISTRY_TOKEN",
            "DATABASE_URL",
            "TZ",
            "PATHS",
            "DOTNET_ENVIRONMENT",
            "LD",
        ] {
            assert!(!is_dangerous(name), "{name}");
        }
    }
}
