//! A certificate of our own, from two files that may change while the collector runs.
//!
//! In: a chain of certificates and its key, as PEM. Out: what a listener speaks TLS with. Who renews a
//! certificate writes new files, and within seconds new connections get it; running ones go on. What must never
//! happen: files that are missing, half written or do not belong together end a service that works. The last
//! good certificate stays then, and the log says so.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at: a certificate is renewed weeks before it ends.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The certificate that new connections get.
pub(super) struct Certificates {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    /// Of the files' content that was last looked at, good or not: each is tried once.
    seen: Mutex<Vec<u8>>,
}

impl Certificates {
    /// Reads the files.
    pub(super) fn open(chain: &Path, key: &Path) -> Result<Arc<Self>> {
        let (texts, seen) = read(chain, key)?;
        Ok(Arc::new(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(certified(&texts)?)),
            seen: Mutex::new(seen),
        }))
    }

    /// What a listener speaks TLS with: 1.2 and 1.3.
    pub(super) fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Looks at the files until it is told to stop.
    pub(super) async fn watch(self: Arc<Self>, every: Duration, stopping: CancellationToken) {
        let mut ticks = tokio::time::interval(every);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let certificates = self.clone();
            match spawn_blocking(move || certificates.renew()).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => tracing::info!("new connections get the new certificate"),
                Ok(Err(error)) => {
                    tracing::warn!(error = %format!("{error:#}"), "the certificate stays as it was");
                }
                Err(error) => tracing::warn!(%error, "the certificate was not looked at"),
            }
        }
    }

    /// Whether there was a new certificate.
    fn renew(&self) -> Result<bool> {
        let (texts, digest) = read(&self.chain, &self.key)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == digest {
            return Ok(false);
        }
        *seen = digest;
        let renewed = Arc::new(certified(&texts)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(true)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({})", self.chain.display())
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(current.clone())
    }
}

/// The provider that the database's connections use too.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The files' texts, and a digest of them.
fn read(chain: &Path, key: &Path) -> Result<([Vec<u8>; 2], Vec<u8>)> {
    let read = |name: &str, path: &Path| {
        std::fs::read(path).with_context(|| format!("{name} {} cannot be read", path.display()))
    };
    let texts = [read("tls_certificate", chain)?, read("tls_key", key)?];
    let digest = texts.iter().flat_map(Sha256::digest).collect();
    Ok((texts, digest))
}

fn certified([chain, key]: &[Vec<u8>; 2]) -> Result<CertifiedKey> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .context("tls_certificate is not PEM")?;
    let key = PrivateKeyDer::from_pem_slice(key).context("tls_key holds no private key as PEM")?;
    CertifiedKey::from_der(chain, key, &provider())
        .context("tls_certificate and tls_key do not belong together")
}

#[cfg(test)]
mod tests;
