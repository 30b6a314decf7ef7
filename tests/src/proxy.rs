//! A proxy between a collector and its database, which can cut what goes through it.
//!
//! In: the database's URL. Out: a URL that leads there through the proxy. It ends when dropped. Must
//! never happen: a cut that closes the connection in order; the other side must find out.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result};
use rand::RngExt;
use reqwest::Url;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// A running proxy.
pub struct Proxy {
    address: SocketAddr,
    control: Arc<Control>,
    accepting: JoinHandle<()>,
}

struct Control {
    target: String,
    /// Bytes from the collector after which a connection is cut, at most; 0: never.
    cut_within: AtomicU64,
    /// Nobody is let in.
    closed: AtomicBool,
    /// Changes when all connections are to be cut.
    cut: watch::Sender<u64>,
    cuts: AtomicU64,
}

impl Proxy {
    /// Starts one in front of a database.
    ///
    /// # Errors
    /// If the URL has no host, or no port is free.
    pub async fn start(url: &str) -> Result<(Self, String)> {
        let mut url = Url::parse(url)?;
        let host = url.host_str().context("no host")?;
        let target = format!("{host}:{}", url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let control = Arc::new(Control {
            target,
            cut_within: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            cut: watch::Sender::new(0),
            cuts: AtomicU64::new(0),
        });
        url.set_ip_host(address.ip()).ok().context("no host")?;
        url.set_port(Some(address.port())).ok().context("no port")?;
        let accepting = tokio::spawn(accept(listener, control.clone()));
        let proxy = Self {
            address,
            control,
            accepting,
        };
        Ok((proxy, url.into()))
    }

    /// From now on, each connection is cut after a random number of bytes below this one; 0: no more.
    pub fn cut_within(&self, bytes: u64) {
        self.control.cut_within.store(bytes, Ordering::Relaxed);
        self.cut_all();
    }

    /// Cuts every connection and lets nobody in, as a server that was stopped.
    pub fn close(&self) {
        self.control.closed.store(true, Ordering::Relaxed);
        self.cut_all();
    }

    /// Lets connections in again.
    pub fn open(&self) {
        self.control.closed.store(false, Ordering::Relaxed);
    }

    /// How many connections were cut after some bytes.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.control.cuts.load(Ordering::Relaxed)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn cut_all(&self) {
        self.control.cut.send_modify(|times| *times += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut_all();
    }
}

async fn accept(listener: TcpListener, control: Arc<Control>) {
    while let Ok((stream, _)) = listener.accept().await {
        if control.closed.load(Ordering::Relaxed) {
            continue;
        }
        tokio::spawn(pass(stream, control.clone()));
    }
}

/// Passes bytes on until either side ends, or the connection is cut: then both sides are dropped in
/// the middle of whatever they were saying.
async fn pass(mut near: TcpStream, control: Arc<Control>) {
    let mut cut = control.cut.subscribe();
    let Ok(mut far) = TcpStream::connect(&control.target).await else {
        return;
    };
    let within = control.cut_within.load(Ordering::Relaxed);
    let mut left = match within {
        0 => u64::MAX,
        within => rand::rng().random_range(1..within),
    };
    let (mut up, mut down) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            _ = cut.changed() => return,
            read = near.read(&mut up) => {
                let Some(read) = read.ok().filter(|read| *read > 0) else { return };
                let passed = read.min(usize::try_from(left).unwrap_or(read));
                if far.write_all(&up[..passed]).await.is_err() {
                    return;
                }
                left -= passed as u64;
                if left == 0 {
                    control.cuts.fetch_add(1, Ordering::Relaxed);
                    return;
                }
            }
            read = far.read(&mut down) => {
                let Some(read) = read.ok().filter(|read| *read > 0) else { return };
                if near.write_all(&down[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}
