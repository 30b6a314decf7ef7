//! The commands beside `serve`: sites, tokens, a demo fleet.
//!
//! In: settings and arguments. Out: text for people, or JSON for programs.

mod backup;
mod forget;
mod server;
mod doctor;
mod seed;
mod user;

pub use backup::{Backup, back_up, restore};
pub use doctor::{Diagnosis, Finding, Level, diagnose};
pub use forget::{Forgotten, TableRows, forget_site};
pub use seed::{Regression, Rehearsal, Rehearsed, SeedArguments, Seeded, Sums, Told, Truth, seed};
pub use server::{IssuedServer, issue_server};
pub use user::{Said, UserCommand, UserTokenCommand, user};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::{
    access::{self, Token, TokenKey, TokenKeys},
    config::Config,
    event::Millis,
    store::{self, Entry, Site},
};

/// An issued token.
#[derive(Debug, Serialize)]
pub struct Issued {
    /// The site's host.
    pub host: String,
    /// The token.
    pub token: String,
    /// What to paste into each page's head.
    pub snippet: String,
}

/// A site in a list.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// The site's host.
    pub site: String,
    /// The template that generated it.
    pub template: Option<String>,
    /// The generator's build.
    pub build: Option<String>,
    /// When it was added or first seen, RFC 3339.
    pub added: String,
}

/// What a token is to say of its site.
#[derive(Clone, Debug, clap::Args)]
pub struct SiteArguments {
    /// The site's host, such as bakery.4site.pro; with the port if it is not 80 or 443.
    pub host: String,
    /// The template that generated the site.
    #[arg(long)]
    pub template: Option<String>,
    /// The generator's build.
    #[arg(long)]
    pub build: Option<String>,
}

/// The line to paste into each page's head.
#[must_use]
pub fn snippet(config: &Config, token: &str) -> String {
    access::snippet(&config.base_url(), token)
}

/// Adds a site to the database and issues a token for it.
///
/// # Errors
/// If an argument is not allowed, or key or database cannot be reached.
pub async fn add_site(config: &Config, site: SiteArguments, now_ms: Millis) -> Result<Issued> {
    let issued = issue(config, &site, now_ms)?;
    let store = store::open(&config.store_url())
        .await
        .context("the database cannot be opened")?;
    let added = Site {
        host: issued.host.clone(),
        template: site.template,
        build: site.build,
        added_ms: now_ms,
    };
    store.add_site(&added).await?;
    let entry = entry(now_ms, "site_added", issued.host.clone());
    store.note(&entry).await?;
    Ok(issued)
}

/// Signs a token; no database is needed.
///
/// # Errors
/// If an argument is not allowed, or the key cannot be read.
pub fn issue(config: &Config, site: &SiteArguments, now_ms: Millis) -> Result<Issued> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("data_dir {} cannot be made", config.data_dir.display()))?;
    let key = TokenKey::load(config.token_key.reveal(), &config.data_dir)?;
    let (template, build) = (site.template.as_deref(), site.build.as_deref());
    let (host, token) = access::issue(&key, &site.host, template, build, now_ms / 1000)?;
    Ok(Issued {
        host: host.to_string(),
        snippet: snippet(config, token.as_str()),
        token: token.to_string(),
    })
}

/// What stands in the list of changes for one that was made by a command.
fn entry(at_ms: Millis, action: &'static str, what: String) -> Entry {
    Entry {
        at_ms,
        who: "(command line)".to_owned(),
        action,
        what,
    }
}

/// Refuses a token of either kind from now on. Running collectors learn of it within five seconds.
///
/// # Errors
/// If the text is not a token of ours, or the database cannot be reached.
pub async fn revoke(config: &Config, token: &str, now_ms: Millis) -> Result<String> {
    let keys = TokenKeys::load(
        &config.token_key,
        &config.previous_token_keys,
        &config.data_dir,
    )?;
    // Of either kind; the site's own message is the one that helps most people.
    let about = match keys.verify_server(token) {
        Ok(claims) => claims
            .host
            .map_or("every site".to_owned(), |host| host.to_string()),
        Err(_) => keys.verify(token)?.host.to_string(),
    };
    let id = Token::id_of(token).context("the token has no signature")?;
    let store = store::open(&config.store_url())
        .await
        .context("the database cannot be opened")?;
    store.revoke_token(id, now_ms).await?;
    let entry = entry(now_ms, "site_token_revoked", about.clone());
    store.note(&entry).await?;
    Ok(about)
}

/// Every site.
///
/// # Errors
/// If the database cannot be reached.
pub async fn list_sites(config: &Config) -> Result<Vec<Listed>> {
    let store = store::open(&config.store_url())
        .await
        .context("the database cannot be opened")?;
    let sites = store.sites().await?;
    sites
        .into_iter()
        .map(|site| {
            Ok(Listed {
                added: jiff::Timestamp::from_millisecond(site.added_ms)?.to_string(),
                site: site.host,
                template: site.template,
                build: site.build,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longest template or build.
    const WORD_CHARS: usize = 64;

    #[test]
    fn no_token_is_issued_that_would_be_too_long_to_send() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: dir.path().to_owned(),
            ..Config::default()
        };
        let host = format!("{}.example", vec!["a".repeat(60); 4].join("."));
        let issued = |word: &str| {
            let site = SiteArguments {
                host: host.clone(),
                template: Some(word.to_owned()),
                build: Some(word.to_owned()),
            };
            issue(&config, &site, 0)
        };
        assert!(issued("aurora").is_ok());
        let refused = issued(&"🥖".repeat(WORD_CHARS)).unwrap_err().to_string();
        assert!(refused.contains("at most 512"), "{refused}");
    }
}
