//! Answers questions about shared links: visits joined with what is known of the link.

use std::collections::HashMap;

use futures_util::TryStreamExt;

use super::{Link, Selection, engine::Engine, error::StoreError, filter::Filter};

/// Shared links with visits or shared in the range.
pub(super) async fn links(
    engine: &impl Engine,
    selection: &Selection,
    limit: u32,
) -> Result<Vec<Link>, StoreError> {
    let mut filter = Filter::default();
    let visited = filter.visits(selection);
    let from = filter.value(selection.from_ms);
    let to = filter.value(selection.to_ms);
    let shared = [
        format!("shared_ms >= {from} and shared_ms < {to}"),
        filter.text("site", selection.site.as_deref()),
    ]
    .concat();
    let page = format!(
        "true{}",
        filter.text("share.page", selection.page.as_deref())
    );
    let limit = filter.value(i64::from(limit));
    let select = filter.statement(
        include_str!("sql/select_links.sql"),
        &[
            (":visited", &visited),
            (":shared", &shared),
            (":page", &page),
            (":limit", &limit),
        ],
    );
    let mut rows = engine.rows(select);
    let mut links = Vec::new();
    while let Some(row) = rows.try_next().await? {
        links.push(Link {
            site: row.text(0)?.to_owned(),
            id: row.text(1)?.to_owned(),
            channel: row.text(2)?.to_owned(),
            page: row.maybe(3)?,
            parent: row.maybe(4)?,
            shared_ms: row.maybe_number(5)?,
            visits: row.number(6)?,
        });
    }
    Ok(links)
}

/// Visits by site and link.
pub(super) async fn visits_by_link(
    engine: &impl Engine,
    selection: &Selection,
) -> Result<HashMap<(String, String), i64>, StoreError> {
    let mut filter = Filter::default();
    let visited = filter.visits(selection);
    let sql = include_str!("sql/select_link_visits.sql");
    let mut rows = engine.rows(filter.statement(sql, &[(":visited", &visited)]));
    let mut visits = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let link = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        visits.insert(link, row.number(2)?);
    }
    Ok(visits)
}

/// Visits by the channel of their link.
pub(super) async fn visits_by_channel(
    engine: &impl Engine,
    selection: &Selection,
) -> Result<Vec<(String, i64)>, StoreError> {
    let mut filter = Filter::default();
    let visited = filter.visits(selection);
    let page = format!(
        "true{}",
        filter.text("share.page", selection.page.as_deref())
    );
    let select = filter.statement(
        include_str!("sql/select_visits.sql"),
        &[(":visited", &visited), (":page", &page)],
    );
    let mut rows = engine.rows(select);
    let mut channels = Vec::new();
    while let Some(row) = rows.try_next().await? {
        channels.push((row.text(0)?.to_owned(), row.number(1)?));
    }
    Ok(channels)
}
