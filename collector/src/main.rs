//! The binary `foresight`: reads arguments and settings, then hands over to the library.

#[path = "main/arguments.rs"]
mod arguments;
#[path = "main/greeting.rs"]
mod greeting;

use std::{io::IsTerminal, net::SocketAddr, path::PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use foresight::{
    app::{self, Listeners, system_clock},
    command::{self, SiteArguments},
    config::Config,
    telemetry::{LogLayer, Telemetry, Traces},
};
use serde::Serialize;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing::{Dispatch, dispatcher::with_default};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use arguments::{Arguments, Command, SiteCommand, TokenCommand};
use greeting::{greet, tell_setup};

/// A batch is some dozens of small pieces of memory, made by one thread and freed by another: with the
/// system's allocator they took a fifth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    // The settings say where the log goes; what is said of them goes where it always does.
    let config = with_default(&log(None), || read_config(&arguments))?;
    let is_service = matches!(arguments.command, Command::Serve { .. });
    let telemetry = if is_service {
        app::telemetry(&config)?
    } else {
        Telemetry::default()
    };
    log(telemetry.log_layer()).init();
    let panics = if is_service {
        app::panics(&config)?
    } else {
        None
    };
    let traces = telemetry.traces();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?
        .block_on(obey(arguments.command, config, traces));
    telemetry.finish();
    drop(panics);
    done
}

async fn obey(command: Command, mut config: Config, traces: Traces) -> Result<()> {
    let now_ms = system_clock()();
    match command {
        Command::Serve {
            listen,
            metrics_listen,
            demo,
            announce,
        } => {
            config.listen = listen.unwrap_or(config.listen);
            config.metrics_listen = metrics_listen.unwrap_or(config.metrics_listen);
            config.demo |= demo;
            serve(config, traces, announce).await
        }
        Command::Site(SiteCommand::Add { site, json }) => {
            let issued = command::add_site(&config, site, now_ms).await?;
            print(json, &issued, || {
                format!(
                    "site    {}\ntoken   {}\n\nPaste this into each page's <head>:\n\n{}",
                    issued.host, issued.token, issued.snippet
                )
            })
        }
        Command::Site(SiteCommand::Forget { host, yes, json }) => {
            let forgotten = command::forget_site(&config, &host, yes, now_ms).await?;
            print(json, &forgotten, || forgotten.to_string())?;
            forgotten.check()
        }
        Command::Site(SiteCommand::List { json }) => {
            let sites = command::list_sites(&config).await?;
            print(json, &sites, || {
                let lines = sites.iter().map(|site| {
                    format!(
                        "{:40} {:20} {:12} {}",
                        site.site,
                        site.template.as_deref().unwrap_or("-"),
                        site.build.as_deref().unwrap_or("-"),
                        site.added
                    )
                });
                let head = format!("{:40} {:20} {:12} ADDED", "SITE", "TEMPLATE", "BUILD");
                std::iter::once(head)
                    .chain(lines)
                    .collect::<Vec<_>>()
                    .join("\n")
            })
        }
        Command::Token(TokenCommand::Issue {
            host,
            server: true,
            json,
            ..
        }) => {
            let issued = command::issue_server(&config, host.as_deref(), now_ms)?;
            print(json, &issued, || issued.token.clone())
        }
        Command::Token(TokenCommand::Issue {
            host,
            template,
            build,
            json,
            ..
        }) => {
            let site = SiteArguments {
                // clap insists on it where there is no --server.
                host: host.unwrap_or_default(),
                template,
                build,
            };
            let issued = command::issue(&config, &site, now_ms)?;
            print(json, &issued, || issued.token.clone())
        }
        Command::Token(TokenCommand::Revoke { token, json }) => {
            let host = command::revoke(&config, &token, now_ms).await?;
            let answer = serde_json::json!({ "host": host, "revoked": true });
            print(json, &answer, || format!("revoked a token of {host}"))
        }
        Command::User(user) => {
            let said = command::user(&config, user, now_ms).await?;
            print(said.json, &said.value, || said.text.clone())
        }
        Command::Seed { seed, json } => {
            let say = |line: &str| eprintln!("{line}");
            let seeded = command::seed(&config, &seed, now_ms, say).await?;
            print(json, &seeded, || seeded.to_string())
        }
        Command::Backup { file, json } => {
            let backup = command::back_up(&config, &file, now_ms).await?;
            print(json, &backup, || backup.to_string())
        }
        Command::Restore { file, check, json } => {
            let backup = command::restore(&config, &file, check).await?;
            print(json, &backup, || backup.to_string())
        }
        Command::Doctor { json } => {
            let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
            let diagnosis = command::diagnose(&config, now_ms, variables).await;
            print(json, &diagnosis, || diagnosis.to_string())?;
            diagnosis.check()
        }
    }
}

async fn serve(config: Config, traces: Traces, announce: bool) -> Result<()> {
    let bind = async |name: &str, address: SocketAddr| {
        TcpListener::bind(address)
            .await
            .with_context(|| format!("{name} {address} cannot be used; choose another one"))
    };
    let bind_own = async |name: &str, address: &str| match address.parse() {
        Ok(address) => bind(name, address).await.map(Some),
        // Empty: `Config::check` has refused anything else.
        Err(_) => Ok(None),
    };
    let listeners = Listeners {
        public: bind("listen", config.listen).await?,
        dashboard: bind_own("dashboard_listen", &config.dashboard_listen).await?,
        admin: bind_own("admin_listen", &config.admin_listen).await?,
        metrics: bind("metrics_listen", config.metrics_listen).await?,
    };
    let (public, metrics) = (
        listeners.public.local_addr()?,
        listeners.metrics.local_addr()?,
    );
    let own = |listener: &Option<TcpListener>| {
        let address = listener.as_ref().map(TcpListener::local_addr);
        address.transpose()
    };
    let (dashboard, admin) = (own(&listeners.dashboard)?, own(&listeners.admin)?);
    let base = match config.dashboard_base() {
        "" => format!("{}://{}", config.scheme(), dashboard.unwrap_or(public)),
        url => url.to_owned(),
    };
    // Before ready is told, so that a signal right after it is not missed.
    let stop = stop_signal()?;
    // A limit on the size of files would end the process by a signal; caught, it is an error of the
    // write, which is answered with 503.
    let _size_limit = signal(SignalKind::from_raw(SIGXFSZ))?;
    let demo = demo_token(&config, public)?;
    let scheme = config.scheme();
    let ready = move |secret: Option<String>| {
        let setup = secret.map(|secret| format!("{base}/#setup={secret}"));
        if announce {
            let line = serde_json::json!({
                "ready": true, "listen": public, "metrics": metrics, "demo": demo,
                "dashboard": dashboard, "admin": admin, "setup": setup,
            });
            println!("{line}");
        } else {
            greet(
                &base,
                metrics,
                scheme,
                demo.as_ref().map(|demo| (public, demo)),
            );
        }
        if let Some(setup) = setup {
            tell_setup(&setup, announce);
        }
    };
    app::run(config, listeners, traces, ready, stop).await
}

/// A token for pages on this machine, if the demo site is served.
fn demo_token(config: &Config, public: SocketAddr) -> Result<Option<command::Issued>> {
    if !config.demo {
        return Ok(None);
    }
    let mut config = config.clone();
    config.listen = public;
    let site = SiteArguments {
        host: public.to_string(),
        template: Some("demo".to_owned()),
        build: None,
    };
    command::issue(&config, &site, system_clock()()).map(Some)
}

/// The signal of a file that exceeds its limit: 25 on Linux, on all machines but MIPS, and on macOS.
const SIGXFSZ: i32 = 25;

/// Done when the process is asked to stop: Ctrl-C or SIGTERM.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn read_config(arguments: &Arguments) -> Result<Config> {
    let default = PathBuf::from("foresight.toml");
    let path = match &arguments.config {
        Some(path) => Some(path.clone()),
        None => default.exists().then_some(default),
    };
    let file = path
        .map(|path| {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            anyhow::Ok((path, text))
        })
        .transpose()?;
    let mut config = Config::load(file, std::env::vars())?;
    if let Some(dir) = &arguments.data_dir {
        config.data_dir.clone_from(dir);
    }
    if let Some(url) = &arguments.database_url {
        config.database_url = url.clone().into();
    }
    config.check()?;
    Ok(config)
}

/// Logs to standard error, for people on a terminal, as JSON elsewhere; and to whom the settings name.
/// `FORESIGHT_LOG` chooses the level (`info`) and may name modules.
fn log(sent: Option<LogLayer>) -> Dispatch {
    let filter = EnvFilter::try_from_env("FORESIGHT_LOG").unwrap_or_else(|_| {
        EnvFilter::new(
            "info,sqlx=warn,tower_sessions=error,tower_sessions_core=error,\
             opentelemetry=warn,opentelemetry-otlp=error",
        )
    });
    let shown = tracing_subscriber::fmt::layer()
        // A log that cannot be written, as on a full disk, must not end what is logged: the complaint
        // about it would panic.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let log = tracing_subscriber::registry().with(filter).with(sent);
    if std::io::stderr().is_terminal() {
        log.with(shown).into()
    } else {
        log.with(shown.json()).into()
    }
}

fn print(json: bool, value: &impl Serialize, text: impl Fn() -> String) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(value)?);
    } else {
        println!("{}", text());
    }
    Ok(())
}
