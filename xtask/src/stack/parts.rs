//! What the stack consists of here, in the order in which it starts.
//!
//! In: the place (files, addresses, settings). Out: every part running and healthy. Must never happen: a part
//! with a configuration of its own instead of that of `deploy/`, or a listener that others can reach.

use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use signal_hook::iterator::Signals;

use super::{
    addresses::Addresses,
    files::{self, Settings},
    process::{Health, Running},
};

/// Everything that parts are started with.
pub(super) struct Place {
    pub(super) deploy: PathBuf,
    pub(super) runbooks: PathBuf,
    pub(super) directory: PathBuf,
    pub(super) binary: PathBuf,
    pub(super) addresses: Addresses,
    pub(super) settings: Settings,
}

/// Starts everything, and returns the database's URL too. What runs already is stopped if a part fails.
pub(super) fn start(place: &Place, signals: &mut Signals) -> Result<(Running, String)> {
    for inside in ["textfile", "collector", "redis"] {
        fs::create_dir_all(place.at(inside))?;
    }
    let mut running = Running::default();
    let database = postgres(place, &mut running)?;
    for (name, command, health) in place.parts(&database)? {
        running.start(name, command, &health, &place.directory, signals)?;
    }
    Ok((running, database))
}

/// A private Postgres, which `cargo xtask postgres` starts and stops. Returns its URL.
fn postgres(place: &Place, running: &mut Running) -> Result<String> {
    let log = place.at("postgres.log");
    let mut child = Command::new(env::current_exe().context("this program has no path")?)
        .arg("postgres")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(&log)?)
        .process_group(0)
        .spawn()
        .context("the private Postgres cannot be started")?;
    let output = child.stdout.take();
    running.adopt("postgres", child, log);
    for line in BufReader::new(output.context("Postgres says nothing")?).lines() {
        let line = line?;
        if line.starts_with("postgres://") {
            return Ok(line);
        }
    }
    bail!("the private Postgres ended before it was ready")
}

impl Place {
    fn at(&self, inside: &str) -> PathBuf {
        self.directory.join(inside)
    }

    fn listen(&self, flag: &str, name: &'static str) -> String {
        format!("{flag}={}", self.addresses.of(name))
    }

    /// All parts but Postgres.
    fn parts(&self, database: &str) -> Result<Vec<(&'static str, Command, Health)>> {
        let answers = |name, path| Health::Answers(self.addresses.of(name), path);
        let connects = Health::Connects(self.addresses.of("redis"));
        Ok(vec![
            ("redis", self.redis(), connects),
            (
                "collector",
                self.collector(database),
                answers("collector", "/api/ready"),
            ),
            ("node-exporter", self.node(), answers("node", "/")),
            (
                "postgres-exporter",
                self.postgres_exporter(database),
                answers("postgres_exporter", "/"),
            ),
            (
                "redis-exporter",
                self.redis_exporter(),
                answers("redis_exporter", "/"),
            ),
            (
                "blackbox-exporter",
                self.blackbox(),
                answers("blackbox", "/-/healthy"),
            ),
            (
                "alertmanager",
                self.alertmanager()?,
                answers("alertmanager", "/-/ready"),
            ),
            (
                "prometheus",
                self.prometheus()?,
                answers("prometheus", "/-/ready"),
            ),
            ("caddy", self.caddy(), answers("caddy_metrics", "/metrics")),
        ])
    }

    fn redis(&self) -> Command {
        let mut command = Command::new("redis-server");
        let port = self.addresses.of("redis").port().to_string();
        command
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--maxmemory",
                "200mb",
                "--port",
                &port,
                "--dir",
            ])
            .arg(self.at("redis"));
        command
    }

    fn collector(&self, database: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .arg("serve")
            .current_dir(&self.directory)
            .env("FORESIGHT_DATA_DIR", self.at("collector"))
            .env("FORESIGHT_DATABASE_URL", database)
            // Only this machine reaches it.
            .env("FORESIGHT_ACCESS_LOGIN", "off")
            .env(
                "FORESIGHT_LISTEN",
                self.addresses.of("collector").to_string(),
            )
            .env(
                "FORESIGHT_METRICS_LISTEN",
                self.addresses.of("collector_metrics").to_string(),
            )
            // Caddy is the proxy, and it is here.
            .env("FORESIGHT_TRUSTED_PROXIES", "127.0.0.1/32");
        command
    }

    fn node(&self) -> Command {
        let mut command = Command::new("prometheus-node-exporter");
        command
            .arg(self.listen("--web.listen-address", "node"))
            .arg(format!(
                "--collector.textfile.directory={}",
                self.at("textfile").display()
            ));
        command
    }

    fn postgres_exporter(&self, database: &str) -> Command {
        let mut command = Command::new("prometheus-postgres-exporter");
        let queries = self.deploy.join("postgres-exporter/queries.yml");
        command
            .env("DATA_SOURCE_NAME", format!("{database}?sslmode=disable"))
            .arg(self.listen("--web.listen-address", "postgres_exporter"))
            .arg(format!("--extend.query-path={}", queries.display()));
        command
    }

    fn redis_exporter(&self) -> Command {
        let mut command = Command::new("prometheus-redis-exporter");
        command
            .arg(format!(
                "--redis.addr=redis://{}",
                self.addresses.of("redis")
            ))
            .arg(self.listen("--web.listen-address", "redis_exporter"));
        command
    }

    fn blackbox(&self) -> Command {
        let mut command = Command::new("prometheus-blackbox-exporter");
        let file = self.deploy.join("blackbox/blackbox.yml");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(self.listen("--web.listen-address", "blackbox"));
        command
    }

    fn alertmanager(&self) -> Result<Command> {
        let (own, file) = (
            self.deploy.join("alertmanager"),
            self.at("alertmanager.yml"),
        );
        let mut settings = self.settings.clone();
        let path = |path: PathBuf| path.display().to_string();
        settings
            .entry("SECRETS".to_owned())
            .or_insert_with(|| path(self.deploy.join("secrets")));
        settings.insert("TEMPLATES".to_owned(), path(own.join("templates")));
        files::render(
            &self.deploy,
            &own.join("alertmanager.yml"),
            &file,
            &settings,
        )?;
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.path={}",
                self.at("alertmanager").display()
            ))
            .arg(self.listen("--web.listen-address", "alertmanager"))
            // It is alone.
            .arg("--cluster.listen-address=");
        Ok(command)
    }

    fn prometheus(&self) -> Result<Command> {
        let moved = [
            ("collector:9464", "collector_metrics"),
            ("collector:3333", "collector"),
            ("node-exporter:9100", "node"),
            ("postgres-exporter:9187", "postgres_exporter"),
            ("redis-exporter:9121", "redis_exporter"),
            ("blackbox-exporter:9115", "blackbox"),
            ("alertmanager:9093", "alertmanager"),
            ("localhost:9090", "prometheus"),
            ("caddy:2019", "caddy_metrics"),
        ]
        .map(|(there, name)| (there, self.addresses.of(name).to_string()));
        let own = self.at("prometheus");
        files::prometheus(&self.deploy.join("prometheus"), &own, &moved)?;
        let grafana = self.settings.get("GRAFANA_URL");
        let mut command = Command::new("prometheus");
        command
            .env("GRAFANA_URL", grafana.context("GRAFANA_URL is not set")?)
            .env(
                "RUNBOOKS_URL",
                format!("http://{}", self.addresses.of("runbooks")),
            )
            .arg(format!(
                "--config.file={}",
                own.join("prometheus.yml").display()
            ))
            .arg(format!(
                "--storage.tsdb.path={}",
                own.join("data").display()
            ))
            .arg("--enable-feature=expand-external-labels")
            .arg(self.listen("--web.listen-address", "prometheus"));
        Ok(command)
    }

    fn caddy(&self) -> Command {
        let mut command = Command::new("caddy");
        let url = |name| format!("http://{}", self.addresses.of(name));
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(self.deploy.join("caddy/Caddyfile"))
            .env("XDG_DATA_HOME", self.at("caddy"))
            .env("XDG_CONFIG_HOME", self.at("caddy"))
            .env("ACME_EMAIL", "nobody@localhost")
            .env("PUBLIC_ADDRESS", url("caddy"))
            .env("COLLECTOR", self.addresses.of("collector").to_string())
            .env("RUNBOOKS_ADDRESS", url("runbooks"))
            .env("RUNBOOKS_ROOT", &self.runbooks)
            .env("CADDY_METRICS_ADDRESS", url("caddy_metrics"));
        command
    }
}
