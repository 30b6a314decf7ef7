//! The [`Store`] that every [`Engine`] is: both databases answer with the same code.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use foresight_shared::Metric;
use futures_util::TryStreamExt;

use super::{
    Build, CauseSum, CellSum, Change, Commission, CountSum, Dimension, DistributionSum, Facts,
    Kept, Lead, Link, Merge, PageSum, Payment, RatingSum, Selection, Site, SiteBuild, SiteRows,
    Store, builds, cells, changes,
    engine::{Engine, Statement},
    erase,
    error::StoreError,
    fold::{self, Step},
    growth, links, merge, money, pages, questions, seen, visits,
};
use crate::{
    event::{Kind, Millis},
    rollup::Rollup,
};

#[async_trait]
impl<E: Engine> Store for E {
    async fn ping(&self) -> Result<(), StoreError> {
        self.rows(Statement::new("select 1")).try_next().await?;
        Ok(())
    }

    async fn position(&self, spool: &str) -> Result<i64, StoreError> {
        merge::position(self, spool).await
    }

    async fn merge(
        &self,
        spool: &str,
        from: i64,
        to: i64,
        rollup: &Rollup,
    ) -> Result<Merge, StoreError> {
        merge::merge(self, spool, from, to, rollup).await
    }

    async fn known_events(
        &self,
        keys: &[(String, String)],
    ) -> Result<HashMap<(String, String), Vec<u8>>, StoreError> {
        seen::known_events(self, keys).await
    }

    async fn forget_batches(&self, before_ms: Millis) -> Result<u64, StoreError> {
        seen::forget_batches(self, before_ms).await
    }

    async fn fold_hours(&self, before_ms: Millis) -> Result<u64, StoreError> {
        let visits = visits::fold(self, visits::HOUR, before_ms).await?;
        Ok(visits + fold::fold(self, Step::Hours, before_ms).await?)
    }

    async fn fold_days(&self, before_ms: Millis) -> Result<u64, StoreError> {
        let hours = self.fold_hours(before_ms).await;
        if let Err(error) = &hours
            && !error.is_of_rows()
        {
            return hours;
        }
        // A damaged row, which stays where it is, must not keep hours from their days for ever.
        let days = fold::fold(self, Step::Days, before_ms).await?;
        Ok(hours? + days)
    }

    async fn fold_weeks(&self, before_ms: Millis) -> Result<u64, StoreError> {
        fold::fold(self, Step::Weeks, before_ms).await
    }

    async fn drop_hours(&self, before_ms: Millis) -> Result<u64, StoreError> {
        erase::drop_hours(self, before_ms).await
    }

    async fn drop_days(&self, before_ms: Millis) -> Result<u64, StoreError> {
        erase::drop_days(self, before_ms).await
    }

    async fn kept(&self) -> Result<Kept, StoreError> {
        erase::kept(self).await
    }

    async fn delete_before(&self, before_ms: Millis) -> Result<u64, StoreError> {
        erase::delete_before(self, before_ms).await
    }

    async fn add_site(&self, site: &Site) -> Result<(), StoreError> {
        let add = Statement::new(include_str!("sql/add_site.sql"))
            .with(&*site.host)
            .with(site.template.as_deref())
            .with(site.build.as_deref())
            .with(site.added_ms);
        let lift = Statement::new(include_str!("sql/lift_forgotten_site.sql")).with(&*site.host);
        let mut transaction = self.begin().await?;
        transaction.lock_forgotten(true).await?;
        transaction.run(lift).await?;
        transaction.run(add).await?;
        Ok(transaction.commit().await?)
    }

    async fn forget_site(&self, host: &str, now_ms: Millis) -> Result<Vec<SiteRows>, StoreError> {
        erase::forget_site(self, host, now_ms).await
    }

    async fn site_rows(&self, host: &str) -> Result<Vec<SiteRows>, StoreError> {
        erase::site_rows(self, host).await
    }

    async fn forgotten_sites(&self) -> Result<HashSet<String>, StoreError> {
        texts(self, include_str!("sql/select_forgotten_sites.sql")).await
    }

    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        let mut rows = self.rows(Statement::new(include_str!("sql/select_sites.sql")));
        let mut sites = Vec::new();
        while let Some(row) = rows.try_next().await? {
            sites.push(Site {
                host: row.text(0)?.to_owned(),
                template: row.maybe(1)?,
                build: row.maybe(2)?,
                added_ms: row.number(3)?,
            });
        }
        Ok(sites)
    }

    async fn builds(
        &self,
        site: Option<&str>,
        from_ms: Millis,
        to_ms: Millis,
    ) -> Result<Vec<Build>, StoreError> {
        builds::builds(self, site, from_ms, to_ms).await
    }

    async fn site_builds(&self, before_ms: Millis) -> Result<Vec<SiteBuild>, StoreError> {
        builds::site_builds(self, before_ms).await
    }

    async fn revoke_token(&self, token_id: &str, now_ms: Millis) -> Result<(), StoreError> {
        let revoke = Statement::new(include_str!("sql/revoke_token.sql"))
            .with(token_id)
            .with(now_ms);
        run(self, revoke).await
    }

    async fn revoked_tokens(&self) -> Result<HashSet<String>, StoreError> {
        texts(self, include_str!("sql/select_revoked_tokens.sql")).await
    }

    async fn distributions(
        &self,
        selection: &Selection,
        metric: Option<Metric>,
        by: Option<Dimension>,
    ) -> Result<Vec<DistributionSum>, StoreError> {
        questions::distributions(self, selection, metric, by).await
    }

    async fn ratings(
        &self,
        selection: &Selection,
        metrics: &[Metric],
        by: Option<Dimension>,
    ) -> Result<Vec<RatingSum>, StoreError> {
        questions::ratings(self, selection, metrics, by).await
    }

    async fn pages(
        &self,
        selection: &Selection,
        metric: Option<Metric>,
        limit: usize,
    ) -> Result<Vec<PageSum>, StoreError> {
        pages::pages(self, selection, metric, limit).await
    }

    async fn those_pages(
        &self,
        selection: &Selection,
        metric: Metric,
        pages: &[(String, String)],
    ) -> Result<Vec<PageSum>, StoreError> {
        pages::those_pages(self, selection, metric, pages).await
    }

    async fn counts(
        &self,
        selection: &Selection,
        kind: Option<Kind>,
        by: Option<Dimension>,
    ) -> Result<Vec<CountSum>, StoreError> {
        questions::counts(self, selection, kind, by).await
    }

    async fn causes(
        &self,
        selection: &Selection,
        metric: Metric,
        limit: u32,
    ) -> Result<Vec<CauseSum>, StoreError> {
        questions::causes(self, selection, metric, limit).await
    }

    async fn links(&self, selection: &Selection, limit: u32) -> Result<Vec<Link>, StoreError> {
        links::links(self, selection, limit).await
    }

    async fn visits_by_channel(
        &self,
        selection: &Selection,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        links::visits_by_channel(self, selection).await
    }

    async fn visits_by_link(
        &self,
        selection: &Selection,
    ) -> Result<HashMap<(String, String), i64>, StoreError> {
        links::visits_by_link(self, selection).await
    }

    async fn facts(&self, from_ms: Millis, to_ms: Millis) -> Result<Facts, StoreError> {
        growth::facts(self, from_ms, to_ms).await
    }

    async fn leads(&self, from_ms: Millis, to_ms: Millis) -> Result<Vec<Lead>, StoreError> {
        growth::leads(self, from_ms, to_ms).await
    }

    async fn payments(&self, from_ms: Millis, to_ms: Millis) -> Result<Vec<Payment>, StoreError> {
        money::payments(self, from_ms, to_ms).await
    }

    async fn commissions(
        &self,
        partner: Option<&str>,
        before_ms: Millis,
    ) -> Result<Vec<Commission>, StoreError> {
        money::commissions(self, partner, before_ms).await
    }

    async fn sites_with_leads(&self) -> Result<HashSet<String>, StoreError> {
        texts(self, include_str!("sql/select_sites_with_leads.sql")).await
    }

    async fn cells(&self, from_ms: Millis, to_ms: Millis) -> Result<Vec<CellSum>, StoreError> {
        cells::cells(self, from_ms, to_ms).await
    }

    async fn save_changes(&self, changes: &[Change]) -> Result<(), StoreError> {
        changes::save(self, changes).await
    }

    async fn changes(&self, from_ms: Millis) -> Result<Vec<Change>, StoreError> {
        changes::since(self, from_ms).await
    }

    async fn claim_look(
        &self,
        now_ms: Millis,
        after_ms: Millis,
    ) -> Result<Option<Millis>, StoreError> {
        changes::claim(self, now_ms, after_ms).await
    }
}

/// The texts that a statement reads.
async fn texts(engine: &impl Engine, sql: &'static str) -> Result<HashSet<String>, StoreError> {
    let mut rows = engine.rows(Statement::new(sql));
    let mut texts = HashSet::new();
    while let Some(row) = rows.try_next().await? {
        texts.insert(row.text(0)?.to_owned());
    }
    Ok(texts)
}

/// Runs a statement in a transaction of its own.
async fn run(engine: &impl Engine, statement: Statement) -> Result<(), StoreError> {
    let mut transaction = engine.begin().await?;
    transaction.run(statement).await?;
    Ok(transaction.commit().await?)
}
