//! A Postgres for one test run.
//!
//! In: the programs of an installed Postgres. Out: the URL of a server of our own: new data
//! directory, free port on the loopback interface, random password, socket in its own directory.
//! Must never happen: use of a server that was already there, a server that anyone on the machine
//! may enter, or one that outlives this program, however it ends short of `kill -9`.

pub(crate) mod command;

use std::{
    fs,
    io::Read,
    net::TcpListener,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{self, Command},
    sync::Arc,
    thread::JoinHandle,
};

use anyhow::{Context, Result, bail};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::{Handle, Signals},
};
use tempfile::TempDir;

use crate::{
    setup,
    steps::{output, say},
};

/// How often another port is tried when a stranger took the free one first.
const PORT_ATTEMPTS: u32 = 5;

/// What the tests do not need: a cluster that dies with the machine may lose its last second.
const FAST: [&str; 3] = ["fsync=off", "full_page_writes=off", "max_connections=200"];

/// A running server. It stops, and its data go, when this is dropped or on a signal.
pub(crate) struct Postgres {
    url: String,
    port: u16,
    cluster: Arc<Cluster>,
    signals: Handle,
    watcher: Option<JoinHandle<()>>,
}

/// The data directory, and the programs and the user that own it.
struct Cluster {
    programs: PathBuf,
    directory: TempDir,
    as_postgres: bool,
}

impl Postgres {
    /// Creates the cluster and waits until it takes connections.
    pub(crate) fn start() -> Result<Self> {
        let programs =
            setup::postgres_programs().context("no initdb found; is postgresql installed?")?;
        let cluster = Arc::new(Cluster::create(programs)?);
        let password = password()?;
        cluster.initialise(&password)?;
        // Watching before the start: a signal in between must find the server too.
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP]).context("signals cannot be watched")?;
        let handle = signals.handle();
        let watched = Arc::clone(&cluster);
        let watcher = std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                watched.stop();
                fs::remove_dir_all(watched.directory.path()).ok();
                process::exit(128 + signal);
            }
        });
        let mut server = Self {
            url: String::new(),
            port: 0,
            cluster,
            signals: handle,
            watcher: Some(watcher),
        };
        let port = server.cluster.start()?;
        server.port = port;
        server.url = format!("postgres://foresight:{password}@127.0.0.1:{port}/postgres");
        say(&format!("a private Postgres listens on 127.0.0.1:{port}"));
        Ok(server)
    }

    /// The address of its database `postgres`, for a user who may create others.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The id of its first process, which all others descend from.
    pub(crate) fn process(&self) -> Result<String> {
        let file = fs::read_to_string(self.cluster.data().join("postmaster.pid"))?;
        let first = file.lines().next().context("postmaster.pid is empty")?;
        Ok(first.to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.signals.close();
        if let Some(watcher) = self.watcher.take() {
            watcher.join().ok();
        }
        self.cluster.stop();
    }
}

impl Cluster {
    /// An empty directory that the server's user owns. Postgres refuses to run as root.
    fn create(programs: PathBuf) -> Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("foresight-postgres-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir()
            .context("no temporary directory for Postgres")?;
        let as_postgres = rustix::process::geteuid().is_root();
        if as_postgres {
            let user = output(Command::new("id").args(["-u", "postgres"]))
                .context("postgres does not run as root, and there is no user named postgres")?;
            let user = user
                .trim()
                .parse()
                .context("the user postgres has no numeric id")?;
            chown(directory.path(), Some(user), None)
                .context("cannot give the directory to postgres")?;
        }
        Ok(Self {
            programs,
            directory,
            as_postgres,
        })
    }

    fn initialise(&self, password: &str) -> Result<()> {
        let file = self.directory.path().join("password");
        fs::write(&file, password).context("cannot write the password for initdb")?;
        if self.as_postgres {
            // The directory is closed to others, the file needs no more than to be readable.
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644))
                .context("cannot hand the password to initdb")?;
        }
        output(
            self.program("initdb")
                .args([
                    "--username=foresight",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                ])
                .arg(format!("--pwfile={}", file.display()))
                .arg("--pgdata")
                .arg(self.data()),
        )?;
        fs::remove_file(&file).context("cannot remove the password file")
    }

    /// Starts the server on a free port, which it returns.
    fn start(&self) -> Result<u16> {
        let mut last = None;
        for _ in 0..PORT_ATTEMPTS {
            let port = free_port()?;
            match self.start_on(port) {
                Ok(()) => return Ok(port),
                Err(error) => last = Some(error),
            }
        }
        let log = fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
        match last {
            Some(error) => Err(error.context(format!("postgres does not start; its log:\n{log}"))),
            None => bail!("postgres was not started"),
        }
    }

    /// Starts the server on this port.
    fn start_on(&self, port: u16) -> Result<()> {
        let socket = self.directory.path().display().to_string();
        let mut options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={socket}"
        );
        for setting in FAST {
            options.push_str(&format!(" -c {setting}"));
        }
        let waiting = ["start", "--wait", "--silent", "--timeout=60", "--options"];
        output(
            self.program("pg_ctl")
                .args(waiting)
                .arg(&options)
                .arg("--log")
                .arg(self.directory.path().join("log"))
                .arg("--pgdata")
                .arg(self.data()),
        )
        .map(drop)
    }

    /// Stops the server if it runs. A failure is told and not returned: there is nobody to act on it.
    fn stop(&self) {
        if !self.data().join("postmaster.pid").exists() {
            return;
        }
        let stopped = output(
            self.program("pg_ctl")
                .args(["stop", "--wait", "--silent", "--mode=immediate", "--pgdata"])
                .arg(self.data()),
        );
        if let Err(error) = stopped {
            eprintln!("the private Postgres could not be stopped: {error:#}");
        }
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// One of the server's programs, as the user that may run it.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if self.as_postgres {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command
            // The directory that this program was called from may be closed to the other user.
            .current_dir(Path::new("/"))
            // A signal to our group, such as Ctrl-C, must not cut short the end of the server.
            .process_group(0);
        command
    }
}

fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind("127.0.0.1:0").context("no free port on the loopback interface")?;
    Ok(listener
        .local_addr()
        .context("the free port has no address")?
        .port())
}

/// 128 random bits in hexadecimal.
fn password() -> Result<String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("no random bytes from the system")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_differ() {
        let (one, other) = (password().unwrap(), password().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }

    #[test]
    fn a_server_takes_its_own_user_and_is_gone_after_the_drop() {
        let server = Postgres::start().unwrap();
        let data = server.cluster.data();
        let asked =
            output(Command::new("psql").args([server.url(), "-Atc", "select 1 + 1"])).unwrap();
        assert_eq!(asked.trim(), "2");
        let stranger = server.url().replace("foresight:", "foresight:0");
        let refused =
            output(Command::new("psql").args([&stranger, "-Atc", "select 1"])).unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("password authentication failed"),
            "{refused}"
        );
        let url = server.url().to_owned();
        drop(server);
        assert!(!data.exists());
        assert!(output(Command::new("psql").args([&url, "-Atc", "select 1"])).is_err());
    }
}
