//! What of servers' events growth is asked about: rows of its own, so that no question reads JSON.
//!
//! In: a rollup's server events. Out: generations, goals that were reached through a share, confirmed
//! leads; and shares beside them. The rows say nothing that is not in `server_event`: the migration
//! that made their tables made them out of it. What must never happen: a row without its event, so
//! both are written by one transaction.

use std::borrow::Cow;

use foresight_shared::Fact;
use futures_util::TryStreamExt;

use super::{
    engine::{Column, Engine, Statement, Transaction, storable},
    error::StoreError,
};
use crate::{
    event::{Confirmed, Millis},
    rollup::Rollup,
};

/// What is known of growth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Every generation of a site.
    pub generations: Vec<Generation>,
    /// Goals that were told with a share.
    pub goals: Vec<Goal>,
    /// Shares.
    pub shares: Vec<SharedLink>,
}

/// A generation of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// The site's host.
    pub site: String,
    /// Its owner's id.
    pub owner: String,
    /// When it was generated.
    pub at_ms: Millis,
    /// The template.
    pub template: Option<String>,
    /// The share that had brought the owner, if one had.
    pub referred_by: Option<String>,
}

/// A goal that was reached through a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The host of the site that it is about.
    pub site: String,
    /// When it was reached.
    pub at_ms: Millis,
    /// Its name.
    pub name: String,
    /// The share.
    pub share: String,
}

/// A lead that a server confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The site's host.
    pub site: String,
    /// When it was left.
    pub at_ms: Millis,
    /// How good it is, from 0 to 100.
    pub score: u32,
    /// Where it came from.
    pub source: String,
}

/// A share, as a page told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedLink {
    /// The site's host.
    pub site: String,
    /// The share's id.
    pub id: String,
    /// The share that had brought the sharing visitor.
    pub parent: Option<String>,
    /// Where to it was shared.
    pub channel: String,
    /// The country of whoever shared; not kept of old ones.
    pub country: Option<String>,
    /// When it was told.
    pub shared_ms: Millis,
}

/// Adds what a rollup's events tell of growth.
pub(super) async fn insert(
    transaction: &mut dyn Transaction,
    rollup: &Rollup,
) -> Result<(), StoreError> {
    let mut events: Vec<_> = rollup.events.iter().collect();
    events.sort_by_key(|event| (event.site(), &event.event.id));
    for (sql, columns) in [
        (
            include_str!("sql/insert_generation.sql"),
            generations(&events),
        ),
        (include_str!("sql/insert_referred_goal.sql"), goals(&events)),
        (
            include_str!("sql/insert_confirmed_lead.sql"),
            confirmed_leads(&events),
        ),
    ] {
        transaction.insert(sql, &columns).await?;
    }
    Ok(())
}

/// The columns that these tables begin with: site, id and time of each row's event.
pub(super) fn head<'a, T>(rows: &[(&'a Confirmed, T)]) -> Vec<Column<'a>> {
    vec![
        Column::Text(
            rows.iter()
                .map(|(event, _)| storable(event.site()))
                .collect(),
        ),
        Column::Text(
            rows.iter()
                .map(|(event, _)| storable(&event.event.id))
                .collect(),
        ),
        // Ingest refuses times that are far from its own.
        Column::Number(
            rows.iter()
                .map(|(event, _)| event.event.at as i64)
                .collect(),
        ),
    ]
}

/// The rows of those events of which `fields` makes one.
pub(super) fn rows<'a, T>(
    events: &[&'a Confirmed],
    fields: impl Fn(&'a Fact) -> Option<T>,
) -> Vec<(&'a Confirmed, T)> {
    let row = |event: &&'a Confirmed| Some((*event, fields(&event.event.fact)?));
    events.iter().filter_map(row).collect()
}

fn generations<'a>(events: &[&'a Confirmed]) -> Vec<Column<'a>> {
    let rows = rows(events, |fact| match fact {
        Fact::SiteGenerated {
            owner,
            template,
            build,
            referred_by,
            ..
        } => Some((owner, [template, build, referred_by])),
        _ => None,
    });
    let mut columns = head(&rows);
    let owners = rows.iter().map(|(_, (owner, _))| storable(owner));
    columns.push(Column::Text(owners.collect()));
    for at in 0..3 {
        let words = rows.iter().map(|(_, (_, words))| maybe(words[at]));
        columns.push(Column::Maybe(words.collect()));
    }
    columns
}

fn goals<'a>(events: &[&'a Confirmed]) -> Vec<Column<'a>> {
    let rows = rows(events, |fact| match fact {
        Fact::Conversion {
            name,
            share: Some(share),
            ..
        } => Some((name, share)),
        _ => None,
    });
    let mut columns = head(&rows);
    let names = rows.iter().map(|(_, (name, _))| storable(name));
    columns.push(Column::Text(names.collect()));
    let shares = rows.iter().map(|(_, (_, share))| storable(share));
    columns.push(Column::Text(shares.collect()));
    columns
}

fn confirmed_leads<'a>(events: &[&'a Confirmed]) -> Vec<Column<'a>> {
    let rows = rows(events, |fact| match fact {
        Fact::Lead {
            lead,
            score,
            source,
            ..
        } => Some((lead, *score, source)),
        _ => None,
    });
    let mut columns = head(&rows);
    let leads = rows.iter().map(|(_, (lead, _, _))| storable(lead));
    columns.push(Column::Text(leads.collect()));
    let scores = rows.iter().map(|(_, (_, score, _))| i64::from(*score));
    columns.push(Column::Number(scores.collect()));
    let sources = rows.iter().map(|(_, (_, _, source))| storable(source));
    columns.push(Column::Text(sources.collect()));
    columns
}

fn maybe(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(storable)
}

/// What is known of growth, with the shares of a range.
pub(super) async fn facts(
    engine: &impl Engine,
    from_ms: Millis,
    to_ms: Millis,
) -> Result<Facts, StoreError> {
    let mut facts = Facts::default();
    let select = Statement::new(include_str!("sql/select_generations.sql"));
    let mut rows = engine.rows(select);
    while let Some(row) = rows.try_next().await? {
        facts.generations.push(Generation {
            site: row.text(0)?.to_owned(),
            owner: row.text(1)?.to_owned(),
            at_ms: row.number(2)?,
            template: row.maybe(3)?,
            referred_by: row.maybe(4)?,
        });
    }
    let select = Statement::new(include_str!("sql/select_referred_goals.sql"));
    let mut rows = engine.rows(select);
    while let Some(row) = rows.try_next().await? {
        facts.goals.push(Goal {
            site: row.text(0)?.to_owned(),
            at_ms: row.number(1)?,
            name: row.text(2)?.to_owned(),
            share: row.text(3)?.to_owned(),
        });
    }
    let select = Statement::new(include_str!("sql/select_shared.sql"))
        .with(from_ms)
        .with(to_ms);
    let mut rows = engine.rows(select);
    while let Some(row) = rows.try_next().await? {
        facts.shares.push(SharedLink {
            site: row.text(0)?.to_owned(),
            id: row.text(1)?.to_owned(),
            parent: row.maybe(2)?,
            channel: row.text(3)?.to_owned(),
            country: row.maybe(4)?,
            shared_ms: row.number(5)?,
        });
    }
    Ok(facts)
}

/// Confirmed leads of a range.
pub(super) async fn leads(
    engine: &impl Engine,
    from_ms: Millis,
    to_ms: Millis,
) -> Result<Vec<Lead>, StoreError> {
    let select = Statement::new(include_str!("sql/select_leads.sql"))
        .with(from_ms)
        .with(to_ms);
    let mut rows = engine.rows(select);
    let mut leads = Vec::new();
    while let Some(row) = rows.try_next().await? {
        leads.push(Lead {
            site: row.text(0)?.to_owned(),
            at_ms: row.number(1)?,
            // Ingest has checked it.
            score: row.number(2)? as u32,
            source: row.text(3)?.to_owned(),
        });
    }
    Ok(leads)
}
