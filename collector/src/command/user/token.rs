//! `foresight user token …`: tokens with which programs use the API.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;

use super::{super::entry, Said, said, time};
use crate::{
    door::new_token,
    event::{DAY_MS, Millis},
    store::{Scope, Store},
};

/// What to do with tokens of programs.
#[derive(Subcommand)]
pub enum UserTokenCommand {
    /// Make a token; it is printed this once.
    Add {
        /// What it is for.
        name: String,
        /// Whether it may do what an admin does, not only read.
        #[arg(long)]
        admin: bool,
        /// Days for which it is good; without it, until it is removed.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
        expires_days: Option<u32>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the tokens.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Refuse a token from now on.
    Remove {
        /// Its id, as the list has it.
        id: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Does it.
pub(super) async fn obey(
    store: &dyn Store,
    command: UserTokenCommand,
    now_ms: Millis,
) -> Result<Said> {
    match command {
        UserTokenCommand::Add {
            name,
            admin,
            expires_days,
            json,
        } => {
            let scope = if admin { Scope::Admin } else { Scope::Read };
            let expires_ms = expires_days.map(|days| now_ms + Millis::from(days) * DAY_MS);
            let (text, token) = new_token(name, scope, now_ms, expires_ms);
            let what = format!("{} ({})", token.name, token.id);
            let entry = entry(now_ms, "token_added", what);
            store.add_api_token(&token, &entry).await?;
            let value = json!({ "id": token.id, "name": token.name, "token": text });
            Ok(said(json, value, text))
        }
        UserTokenCommand::Remove { id, json } => {
            let entry = entry(now_ms, "token_removed", id.clone());
            if !store.delete_api_token(&id, &entry).await? {
                bail!("there is no token with the id {id}");
            }
            let value = json!({ "id": id, "removed": true });
            Ok(said(json, value, format!("removed {id}")))
        }
        UserTokenCommand::List { json } => {
            let tokens = store.api_tokens().await?;
            let mut text = format!("{:14} {:24} {:8} LAST USED", "ID", "NAME", "SCOPE");
            for token in &tokens {
                let used = time(token.used_ms).unwrap_or_else(|| "-".to_owned());
                let scope = token.scope.word();
                write!(text, "\n{:14} {:24} {scope:8} {used}", token.id, token.name)?;
            }
            let listed = tokens.iter().map(|token| {
                json!({
                    "id": token.id,
                    "name": token.name,
                    "scope": token.scope,
                    "created": time(Some(token.created_ms)),
                    "last_used": time(token.used_ms),
                    "expires": time(token.expires_ms),
                })
            });
            Ok(said(json, listed.collect(), text))
        }
    }
}
