//! A listener with a certificate of its own, and what becomes of it when the files change.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use axum::{Router, routing::get};
use prometheus::IntCounter;
use rcgen::{CertifiedKey as Made, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use super::*;
use crate::app::listener::{self, Patience};

type Pair = Made<rcgen::KeyPair>;

fn made() -> Pair {
    generate_simple_self_signed(["rum.example".to_owned()]).unwrap()
}

struct Room {
    dir: TempDir,
    address: SocketAddr,
    stopping: CancellationToken,
}

impl Room {
    async fn new(pair: &Pair) -> Self {
        let dir = tempfile::tempdir().unwrap();
        write(&dir, &pair.cert.pem(), &pair.signing_key.serialize_pem());
        let certificates = Certificates::open(&chain(&dir), &key(&dir)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopping = CancellationToken::new();
        listener::serve(
            listener,
            Router::new().route("/", get(async || "hello")),
            Patience {
                header: Duration::from_millis(500),
                connections: 3,
            },
            IntCounter::new("dismissed", "of a test").unwrap(),
            Some(certificates.acceptor().unwrap()),
            stopping.clone(),
        );
        tokio::spawn(certificates.watch(Duration::from_millis(20), stopping.clone()));
        Self {
            dir,
            address,
            stopping,
        }
    }

    /// What who trusts this certificate alone is answered.
    async fn ask(&self, trusted: &Pair) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.cert.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("rum.example").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name, stream).await?;
        let request = b"GET / HTTP/1.1\r\nHost: rum.example\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok(text)
    }

    async fn until_served(&self, trusted: &Pair) {
        let end = Instant::now() + Duration::from_secs(20);
        while self.ask(trusted).await.is_err() {
            assert!(Instant::now() < end, "the new certificate is not served");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

fn chain(dir: &TempDir) -> PathBuf {
    dir.path().join("chain.pem")
}

fn key(dir: &TempDir) -> PathBuf {
    dir.path().join("key.pem")
}

fn write(dir: &TempDir, chain_text: &str, key_text: &str) {
    std::fs::write(chain(dir), chain_text).unwrap();
    std::fs::write(key(dir), key_text).unwrap();
}

#[tokio::test]
async fn a_renewed_certificate_is_served_and_a_broken_one_is_not() {
    let (old, new, last) = (made(), made(), made());
    let room = Room::new(&old).await;
    assert!(room.ask(&old).await.unwrap().ends_with("hello"));
    assert!(room.ask(&new).await.is_err());
    write(&room.dir, &new.cert.pem(), &new.signing_key.serialize_pem());
    room.until_served(&new).await;
    assert!(room.ask(&old).await.is_err());
    for (chain_text, key_text) in [
        ("nonsense".to_owned(), new.signing_key.serialize_pem()),
        (new.cert.pem(), "nonsense".to_owned()),
        // Of two pairs: between the two writes of who renews them.
        (last.cert.pem(), new.signing_key.serialize_pem()),
        (String::new(), String::new()),
    ] {
        write(&room.dir, &chain_text, &key_text);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(room.ask(&new).await.unwrap().ends_with("hello"));
    }
    std::fs::remove_file(key(&room.dir)).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(room.ask(&new).await.is_ok());
    write(
        &room.dir,
        &last.cert.pem(),
        &last.signing_key.serialize_pem(),
    );
    room.until_served(&last).await;
}

#[tokio::test]
async fn who_does_not_finish_a_handshake_keeps_nobody_out() {
    let pair = made();
    let room = Room::new(&pair).await;
    // More than there are places; one of them speaks no TLS.
    let mut silent = Vec::new();
    for _ in 0..6 {
        silent.push(TcpStream::connect(room.address).await.unwrap());
    }
    silent[5]
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    assert!(room.ask(&pair).await.unwrap().ends_with("hello"));
    // Their time ends, too.
    for mut stream in silent {
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
        assert!(ended.await.is_ok());
        assert!(!String::from_utf8_lossy(&answer).contains("HTTP"));
    }
}

#[test]
fn files_that_are_no_pair_are_an_error_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (made(), made());
    let open = || Certificates::open(&chain(&dir), &key(&dir));
    assert!(open().is_err());
    write(&dir, &one.cert.pem(), &two.signing_key.serialize_pem());
    let error = format!("{:#}", open().unwrap_err());
    assert!(error.contains("do not belong together"), "{error}");
    assert!(!error.contains("PRIVATE"), "{error}");
    write(&dir, &one.cert.pem(), &one.signing_key.serialize_pem());
    assert!(open().is_ok());
}
