//! `foresight user …`: people, and tokens of programs, without a running collector.
//!
//! In: names, roles, and passwords from standard input, never from arguments, which other users of the machine
//! can read. Out: what was done; a password or token that was made here is printed this once.

use std::{fmt::Write as _, io::BufRead};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    config::{Config, Secret},
    door::{Passwords, check_name, new_secret, new_token},
    event::{DAY_MS, Millis},
    store::{self, Changed, Entry, Person, PersonChange, Role, Scope, Store},
};

/// What to do with people.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Add a person. Without --password-stdin, a password is made and printed.
    Add {
        /// The name to sign in with.
        name: String,
        /// What they may do: viewer, analyst or admin.
        #[arg(long)]
        role: Role,
        /// Read the password from standard input: its first line.
        #[arg(long)]
        password_stdin: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the people.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give a person another role.
    Role {
        /// Their name.
        name: String,
        /// viewer, analyst or admin.
        role: Role,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give a person a new password; ends their sessions. Without --password-stdin, one is made and printed.
    Password {
        /// Their name.
        name: String,
        /// Read the password from standard input: its first line.
        #[arg(long)]
        password_stdin: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove a person; ends their sessions.
    Remove {
        /// Their name.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tokens with which programs use the API.
    #[command(subcommand)]
    Token(UserTokenCommand),
}

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

/// What was done: as JSON, as text, and which of the two was asked for.
pub struct Said {
    /// Whether JSON was asked for.
    pub json: bool,
    /// For programs.
    pub value: Value,
    /// For people.
    pub text: String,
}

/// Who stands in the list of changes.
const WHO: &str = "(command line)";

/// Does it.
///
/// # Errors
/// If a rule is broken, or the database cannot be reached.
pub async fn user(config: &Config, command: UserCommand, now_ms: Millis) -> Result<Said> {
    let store = store::open(&config.store_url())
        .await
        .context("the database cannot be opened")?;
    let store = store.as_ref();
    match command {
        UserCommand::Add {
            name,
            role,
            password_stdin,
            json,
        } => add(store, &name, role, password_stdin, now_ms)
            .await
            .map(|(value, text)| Said { json, value, text }),
        UserCommand::Password {
            name,
            password_stdin,
            json,
        } => {
            let (password, shown) = password(password_stdin)?;
            let change = PersonChange {
                role: None,
                password: Some(Passwords::default().hash(&name, &password).await?),
            };
            change_person(store, &name, &change, "password", now_ms).await?;
            let value = json!({ "name": name, "password": shown });
            Ok(said(json, value, with_password(&name, shown.as_deref())))
        }
        UserCommand::Role { name, role, json } => {
            let change = PersonChange {
                role: Some(role),
                password: None,
            };
            change_person(store, &name, &change, &format!("role {role}"), now_ms).await?;
            let text = format!("{name} is {role}");
            Ok(said(json, json!({ "name": name, "role": role }), text))
        }
        UserCommand::Remove { name, json } => {
            let entry = entry(now_ms, "user_removed", name.clone());
            done(store.remove_person(&name, &entry).await?, &name)?;
            let value = json!({ "name": name, "removed": true });
            Ok(said(json, value, format!("removed {name}")))
        }
        UserCommand::List { json } => list(store, json).await,
        UserCommand::Token(command) => token(store, command, now_ms).await,
    }
}

const fn said(json: bool, value: Value, text: String) -> Said {
    Said { json, value, text }
}

fn entry(at_ms: Millis, action: &'static str, what: String) -> Entry {
    Entry {
        at_ms,
        who: WHO.to_owned(),
        action,
        what,
    }
}

async fn add(
    store: &dyn Store,
    name: &str,
    role: Role,
    password_stdin: bool,
    now_ms: Millis,
) -> Result<(Value, String)> {
    check_name(name)?;
    let (password, shown) = password(password_stdin)?;
    let person = Person {
        name: name.to_owned(),
        role,
        password: Passwords::default().hash(name, &password).await?,
        created_ms: now_ms,
        seen_ms: None,
    };
    let entry = entry(now_ms, "user_added", format!("{name} as {role}"));
    done(store.add_person(&person, &entry).await?, name)?;
    let value = json!({ "name": name, "role": role, "password": shown });
    Ok((value, with_password(name, shown.as_deref())))
}

async fn change_person(
    store: &dyn Store,
    name: &str,
    change: &PersonChange,
    what: &str,
    now_ms: Millis,
) -> Result<()> {
    let entry = entry(now_ms, "user_changed", format!("{name}: {what}"));
    done(store.change_person(name, change, &entry).await?, name)
}

fn done(changed: Changed, name: &str) -> Result<()> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Missing => bail!("there is nobody called {name}"),
        Changed::Taken => bail!("there is somebody called {name} already"),
        Changed::LastAdmin => bail!("{name} is the only admin; give somebody else the role first"),
    }
}

/// The password that was given, or a new one, which is to be shown.
fn password(from_stdin: bool) -> Result<(Secret, Option<String>)> {
    if !from_stdin {
        let made = new_secret();
        return Ok((Secret::from(made.clone()), Some(made)));
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("the password cannot be read from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    Ok((Secret::from(password), None))
}

fn with_password(name: &str, shown: Option<&str>) -> String {
    match shown {
        Some(password) => format!("name      {name}\npassword  {password}"),
        None => format!("{name} can sign in with the new password"),
    }
}

fn time(ms: Option<Millis>) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(ms?).ok()?;
    Some(time.to_string())
}

async fn list(store: &dyn Store, json: bool) -> Result<Said> {
    let people = store.people().await?;
    let mut text = format!("{:32} {:8} LAST SEEN", "NAME", "ROLE");
    for person in &people {
        let seen = time(person.seen_ms).unwrap_or_else(|| "-".to_owned());
        write!(text, "\n{:32} {:8} {seen}", person.name, person.role.word())?;
    }
    let users = people.iter().map(|person| {
        json!({
            "name": person.name,
            "role": person.role,
            "created": time(Some(person.created_ms)),
            "last_seen": time(person.seen_ms),
        })
    });
    Ok(said(json, users.collect(), text))
}

async fn token(store: &dyn Store, command: UserTokenCommand, now_ms: Millis) -> Result<Said> {
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
