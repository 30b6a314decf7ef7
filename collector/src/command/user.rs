//! `foresight user …`: people, and tokens of programs, without a running collector.
//!
//! In: names, roles, and passwords from standard input, never from arguments, which other users of the machine
//! can read. Out: what was done; a password or token that was made here is printed this once.

mod token;

use std::{fmt::Write as _, io::BufRead};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde_json::{Value, json};

use super::entry;
use crate::{
    config::{Config, Secret},
    door::{Passwords, check_name, new_secret},
    event::Millis,
    store::{self, Changed, Person, PersonChange, Role, Store},
};

pub use token::UserTokenCommand;

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

/// What was done: as JSON, as text, and which of the two was asked for.
pub struct Said {
    /// Whether JSON was asked for.
    pub json: bool,
    /// For programs.
    pub value: Value,
    /// For people.
    pub text: String,
}

/// Does it.
///
/// # Errors
/// If a rule is broken, or the database cannot be reached.
pub async fn user(config: &Config, command: UserCommand, now_ms: Millis) -> Result<Said> {
    // A person may be added before the first start.
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("data_dir {} cannot be made", config.data_dir.display()))?;
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
        UserCommand::Token(command) => token::obey(store, command, now_ms).await,
    }
}

const fn said(json: bool, value: Value, text: String) -> Said {
    Said { json, value, text }
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
