//! Issues the secret tokens with which the platform's servers post events.

use anyhow::{Context, Result};
use serde::Serialize;

use crate::{
    access::{ServerClaims, ServerToken, TokenKey},
    config::Config,
    event::Millis,
};

/// An issued server token. It is a secret, and printed this once.
#[derive(Serialize)]
pub struct IssuedServer {
    /// The only host it may tell of. `None`: every site, and what is about none.
    pub host: Option<String>,
    /// The token.
    pub token: String,
}

/// Signs a server token; no database is needed.
///
/// # Errors
/// If the host is not one, or the key cannot be read.
pub fn issue_server(config: &Config, host: Option<&str>, now_ms: Millis) -> Result<IssuedServer> {
    let host = host.map(str::parse).transpose()?;
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("data_dir {} cannot be made", config.data_dir.display()))?;
    let key = TokenKey::load(config.token_key.reveal(), &config.data_dir)?;
    let claims = ServerClaims {
        host,
        issued_s: now_ms / 1000,
    };
    let token = ServerToken::sign(&claims, &key);
    Ok(IssuedServer {
        host: claims.host.map(|host| host.to_string()),
        token: token.reveal().to_owned(),
    })
}
