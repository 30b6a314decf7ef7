//! People, and the one-time links with which the first one is made.

use futures_util::TryStreamExt;

use super::{Changed, Entry, Person, PersonChange, Role, audit};
use crate::{
    event::Millis,
    store::{
        engine::{Engine, Row, Statement, Transaction},
        error::StoreError,
    },
};

pub(super) async fn all(engine: &impl Engine) -> Result<Vec<Person>, StoreError> {
    let mut rows = engine.rows(Statement::new(include_str!("../sql/select_people.sql")));
    let mut people = Vec::new();
    while let Some(row) = rows.try_next().await? {
        people.push(person_of(&row)?);
    }
    Ok(people)
}

pub(super) async fn any(engine: &impl Engine) -> Result<bool, StoreError> {
    let mut rows = engine.rows(Statement::new(include_str!("../sql/count_people.sql")));
    let count = rows
        .try_next()
        .await?
        .map(|row| row.number(0))
        .transpose()?;
    Ok(count.unwrap_or(0) > 0)
}

pub(super) async fn one(engine: &impl Engine, name: &str) -> Result<Option<Person>, StoreError> {
    let select = Statement::new(include_str!("../sql/select_person.sql")).with(name);
    let row = engine.rows(select).try_next().await?;
    row.as_ref().map(person_of).transpose()
}

fn person_of(row: &Row) -> Result<Person, StoreError> {
    let role = row.text(1)?;
    Ok(Person {
        name: row.text(0)?.to_owned(),
        role: role
            .parse()
            .map_err(|_| StoreError::Row(format!("role {role:?}")))?,
        password: row.text(2)?.to_owned(),
        created_ms: row.number(3)?,
        seen_ms: row.maybe_number(4)?,
    })
}

pub(super) async fn add(
    engine: &impl Engine,
    person: &Person,
    entry: &Entry,
) -> Result<Changed, StoreError> {
    let mut transaction = engine.begin().await?;
    if !insert(transaction.as_mut(), person).await? {
        transaction.roll_back().await?;
        return Ok(Changed::Taken);
    }
    // Links are for an installation that has nobody.
    take_secrets(transaction.as_mut()).await?;
    audit::write(transaction.as_mut(), entry).await?;
    transaction.commit().await?;
    Ok(Changed::Done)
}

async fn insert(transaction: &mut dyn Transaction, person: &Person) -> Result<bool, StoreError> {
    let insert = Statement::new(include_str!("../sql/insert_person.sql"))
        .with(&*person.name)
        .with(person.role.word())
        .with(&*person.password)
        .with(person.created_ms);
    Ok(transaction.run(insert).await? == 1)
}

pub(super) async fn change(
    engine: &impl Engine,
    name: &str,
    change: &PersonChange,
    entry: &Entry,
) -> Result<Changed, StoreError> {
    let mut transaction = engine.begin().await?;
    let demotes = change.role.is_some_and(|role| role != Role::Admin);
    let found = find(transaction.as_mut(), name, demotes).await?;
    if found != Changed::Done {
        transaction.roll_back().await?;
        return Ok(found);
    }
    if let Some(role) = change.role {
        let update = Statement::new(include_str!("../sql/update_role.sql"));
        transaction.run(update.with(name).with(role.word())).await?;
    }
    if let Some(password) = &change.password {
        let update = Statement::new(include_str!("../sql/update_password.sql"));
        transaction.run(update.with(name).with(&**password)).await?;
    }
    end_sessions(transaction.as_mut(), name).await?;
    audit::write(transaction.as_mut(), entry).await?;
    transaction.commit().await?;
    Ok(Changed::Done)
}

pub(super) async fn remove(
    engine: &impl Engine,
    name: &str,
    entry: &Entry,
) -> Result<Changed, StoreError> {
    let mut transaction = engine.begin().await?;
    let found = find(transaction.as_mut(), name, true).await?;
    if found != Changed::Done {
        transaction.roll_back().await?;
        return Ok(found);
    }
    let delete = Statement::new(include_str!("../sql/delete_person.sql")).with(name);
    transaction.run(delete).await?;
    end_sessions(transaction.as_mut(), name).await?;
    audit::write(transaction.as_mut(), entry).await?;
    transaction.commit().await?;
    Ok(Changed::Done)
}

/// Whether there is such a person, who may lose the role of an admin if that is what is to be done.
async fn find(
    transaction: &mut dyn Transaction,
    name: &str,
    loses_role: bool,
) -> Result<Changed, StoreError> {
    let lock = Statement::new(include_str!("../sql/lock_admins.sql"));
    let admins = transaction.run(lock).await?;
    let select = Statement::new(include_str!("../sql/select_person.sql")).with(name);
    let Some(row) = transaction.rows(select).try_next().await? else {
        return Ok(Changed::Missing);
    };
    let is_admin = person_of(&row)?.role == Role::Admin;
    Ok(if is_admin && loses_role && admins <= 1 {
        Changed::LastAdmin
    } else {
        Changed::Done
    })
}

async fn end_sessions(transaction: &mut dyn Transaction, name: &str) -> Result<(), StoreError> {
    let delete = Statement::new(include_str!("../sql/delete_person_sessions.sql")).with(name);
    transaction.run(delete).await?;
    Ok(())
}

pub(super) async fn offer_setup(
    engine: &impl Engine,
    hash: &str,
    now_ms: Millis,
) -> Result<(), StoreError> {
    let insert = Statement::new(include_str!("../sql/insert_setup_secret.sql"))
        .with(hash)
        .with(now_ms);
    let mut transaction = engine.begin().await?;
    transaction.run(insert).await?;
    Ok(transaction.commit().await?)
}

/// Taking all secrets first has a second set-up wait for the first, and then find none.
pub(super) async fn set_up(
    engine: &impl Engine,
    hash: &str,
    since_ms: Millis,
    person: &Person,
    entry: &Entry,
) -> Result<bool, StoreError> {
    let mut transaction = engine.begin().await?;
    let offered = take_secrets(transaction.as_mut()).await?;
    let is_offered = offered
        .iter()
        .any(|(offered, made_ms)| offered == hash && *made_ms >= since_ms);
    let count = Statement::new(include_str!("../sql/count_people.sql"));
    let people = transaction.rows(count).try_next().await?;
    let people = people.map(|row| row.number(0)).transpose()?;
    if !is_offered || people != Some(0) || !insert(transaction.as_mut(), person).await? {
        transaction.roll_back().await?;
        return Ok(false);
    }
    audit::write(transaction.as_mut(), entry).await?;
    transaction.commit().await?;
    Ok(true)
}

async fn take_secrets(
    transaction: &mut dyn Transaction,
) -> Result<Vec<(String, Millis)>, StoreError> {
    let take = Statement::new(include_str!("../sql/take_setup_secrets.sql"));
    let mut rows = transaction.rows(take);
    let mut taken = Vec::new();
    while let Some(row) = rows.try_next().await? {
        taken.push((row.text(0)?.to_owned(), row.number(1)?));
    }
    Ok(taken)
}
