use super::*;

#[test]
fn e6_every_listed_name_is_dangerous_in_each_case_its_reader_accepts() {
    for (pattern, entry) in &ALL {
        let name = pattern.replace('*', "X");
        let found = danger(&name);
        assert!(found.is_some(), "{name}");
        if entry.any_case {
            assert_eq!(danger(&name.to_lowercase()), found, "{name}");
            assert_eq!(danger(&name.to_uppercase()), found, "{name}");
        }
    }
    // Two families may name the same variable, but no family may name one twice.
    let mut patterns: Vec<_> = FAMILIES.iter().flat_map(|family| family.names).collect();
    let all = patterns.len();
    patterns.sort_unstable();
    patterns.dedup();
    assert_eq!(patterns.len(), all);
}

#[test]
fn e6_variables_known_to_run_code_are_refused() {
    for name in [
        "LD_PRELOAD",
        "SONAR_SCANNER_JAVA_EXE_PATH",
        "SONAR_SCANNER_OPTS",
        "AIRFLOW__CORE__PLUGINS_FOLDER",
        "AIRFLOW__CORE__SQL_ALCHEMY_CONN_CMD",
        "CELERY_CONFIG_MODULE",
        "CELERY_LOADER",
        "MONO_PATH",
        "MODULEPATH",
        "MODULESHOME",
        "SPARK_HOME",
        "HADOOP_HOME",
        "KREW_ROOT",
        "PDSH_RCMD_TYPE",
        "DOTENV_CONFIG_PATH",
        "BASH_ENV",
        "BASH_FUNC_x%%",
        "NODE_OPTIONS",
        "GIT_CONFIG_COUNT",
        "PATH",
        "DYLD_X",
        "TAR_OPTIONS",
        "PS0",
        "MAILPATH",
        "COMPILER_PATH",
        "GCC_EXEC_PREFIX",
        "CARGO_ENCODED_RUSTFLAGS",
        "NPM_CONFIG_GIT",
        "npm_config_git",
        "Npm_Config_Script_Shell",
        "IRBRC",
        "SSH_SK_HELPER",
        "ZIPOPT",
        "ANSIBLE_CALLBACK_PLUGINS",
        "ANSIBLE_SSH_EXECUTABLE",
        "UWSGI_EVAL",
        "UWSGI_PLUGIN",
        "GUNICORN_CMD_ARGS",
        "CONFIG_SITE",
        "BORG_PASSCOMMAND",
        "BORG_RSH",
        "RESTIC_PASSWORD_COMMAND",
        "RCLONE_PASSWORD_COMMAND",
        "RCLONE_CONFIG_BOX_SSH",
        "WP_CLI_PACKAGES_DIR",
        "CYPRESS_RUN_BINARY",
        "KUSTOMIZE_PLUGIN_HOME",
        "MAILRC",
        "FFREPORT",
        "YARN_YARN_PATH",
        "yarn_yarn_path",
        "GOCACHEPROG",
        "GOAUTH",
        "PSQL_PAGER",
        "AWS_PAGER",
        "GH_PAGER",
        "KUBE_EDITOR",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "KUBECTL_EXTERNAL_DIFF",
        "LIBMYSQL_PLUGINS",
        "TF_CLI_ARGS",
        "TF_CLI_ARGS_plan",
        "NODE_TLS_REJECT_UNAUTHORIZED",
        "AWS_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "PIP_INDEX_URL",
        "ES_JAVA_OPTS",
        "ASAN_OPTIONS",
        "aspnetcore_hostingstartupassemblies",
        "CARGO_REGISTRIES_MINE_INDEX",
        "PARALLEL",
        "precmd_functions",
        "preexec_functions",
        "zshexit_functions",
        "__fish_data_dir",
        "ZSH_CUSTOM",
        "SKIM_DEFAULT_COMMAND",
        "SPEC_OPTS",
        "JJ_CONFIG",
        "CONFIG_SHELL",
        "JSII_RUNTIME",
        "PHP_BINARY",
        "TOX_OVERRIDE",
        "SPRING_SERVER_COMMAND",
        "SE_MANAGER_PATH",
        "SE_CHROMEDRIVER",
        "VIRTUALENVWRAPPER_PYTHON",
        "NNN_OPENER",
        "TEXEDIT",
        "QEMU_LD_PREFIX",
        "WINEDLLOVERRIDES",
        "JENV_ROOT",
        "GOENV_ROOT",
        "WORKON_HOME",
        "TORCH_EXTENSIONS_DIR",
        "TRITON_CACHE_MANAGER",
        "NUMBA_CACHE_DIR",
        "LOG4J_CONFIGURATION_FILE",
    ] {
        assert_eq!(danger(name), Some(Danger::LoadsCode), "{name}");
    }
}

#[test]
fn e6_variables_that_vault_reads_are_refused() {
    for name in Variable::NAMES {
        assert!(is_dangerous(name), "{name}");
    }
    for name in [
        "VAULT_COMPLETE",
        "_CLAP_COMPLETE_INDEX",
        "STATE_DIRECTORY",
        "VAULT_STATE_DIR",
        "VAULT_KEY",
        "VAULT_AGENT",
        "VAULT_PIN",
        "NO_COLOR",
        "TERM",
        "TZ",
        "COLUMNS",
        "LINES",
        "RUST_MIN_STACK",
    ] {
        assert_eq!(danger(name), Some(Danger::SteersVault), "{name}");
    }
    assert!(is_dangerous("XDG_STATE_HOME"));
}

#[test]
fn credentials_and_ordinary_settings_are_not_dangerous() {
    for name in [
        "",
        "é",
        "*",
        "_",
        "LDAP_PASSWORD",
        "GIT_TOKEN",
        "GIT_AUTHOR_NAME",
        "CARGO_REGISTRY_TOKEN",
        "CARGO_REGISTRIES_MINE_TOKEN",
        "DATABASE_URL",
        "PATHS",
        "DOTNET_ENVIRONMENT",
        "ASPNETCORE_URLS",
        "ConnectionStrings__Main",
        "NPM_TOKEN",
        "YARN_NPM_AUTH_TOKEN",
        "POETRY_PYPI_TOKEN_PYPI",
        "POETRY_HTTP_BASIC_MINE_PASSWORD",
        "UV_PUBLISH_TOKEN",
        "UV_INDEX_MINE_PASSWORD",
        "COMPOSER_AUTH",
        "BUNDLE_GITHUB__COM",
        "GEM_HOST_API_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
        "TF_VAR_db_password",
        "CLOUDSDK_AUTH_ACCESS_TOKEN",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_API_KEY",
        "GITHUB_TOKEN",
        "GITHUB_CLIENT_SECRET",
        "GITHUB_APP_ID",
        "PGPASSWORD",
        "PGHOST",
        "MYSQL_PWD",
        "RCLONE_CONFIG_BOX_SECRET_ACCESS_KEY",
        "RCLONE_CONFIG_PASS",
        "RESTIC_PASSWORD",
        "RESTIC_REPOSITORY",
        "BORG_PASSPHRASE",
        "CYPRESS_RECORD_KEY",
        "MYSQL_ROOT_PASSWORD",
        "RSYNC_PASSWORD",
        "VAULT_TOKEN",
        "VAULT_ADDR",
        "VAULT_OLD_VALUE",
        "HOMEBREW_GITHUB_API_TOKEN",
        "MISE_GITHUB_TOKEN",
        "DENO_AUTH_TOKENS",
        "NUGET_API_KEY",
        "RELEASE_COOKIE",
        "SOPS_AGE_KEY",
        "VK_TOKEN",
        "NODE_ENV",
        "NODE_AUTH_TOKEN",
        "PYTHONUNBUFFERED",
        "DJANGO_SETTINGS_MODULE",
        "SPRING_CONFIG_LOCATION",
        "SPRING_CONFIG_IMPORT",
        "TRITON_TOKEN",
        "FLASK_APP",
        "RAILS_ENV",
        "MIX_ENV",
        "PULUMI_ACCESS_TOKEN",
        "VAGRANT_CLOUD_TOKEN",
        "HEX_API_KEY",
        "MAVEN_PASSWORD",
        "ORG_GRADLE_PROJECT_signingKey",
        "DOCKER_PASSWORD",
        "KUBE_TOKEN",
        "PORT",
        "HOST",
        "SECRET_KEY",
        "COMPOSE_PROJECT_NAME",
        "RUST_LOG",
        "RUST_BACKTRACE",
    ] {
        assert_eq!(danger(name), None, "{name}");
    }
}

#[test]
fn e6_the_quick_check_overlooks_no_pattern() {
    let fitting = |name: &str| ALL.iter().any(|(_, entry)| entry.fits(name));
    for (pattern, _) in &ALL {
        for middle in ["", "X", "_1", "é"] {
            let name = pattern.replace('*', middle);
            for name in [name.to_lowercase(), name.to_uppercase(), format!("{name}X"), format!("X{name}"), name] {
                assert_eq!(danger(&name).is_some(), fitting(&name), "{name}");
            }
        }
    }
}
