//! The [`Store`] that every [`Engine`] is: both databases answer with the same code.

use std::collections::HashSet;

use async_trait::async_trait;
use foresight_shared::Metric;
use futures_util::TryStreamExt;

use super::{
    CauseSum, CountSum, Dimension, DistributionSum, Link, Merge, Selection, Site, Store,
    engine::{Engine, Statement},
    erase,
    error::StoreError,
    fold, merge, questions,
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

    async fn fold_hours(&self, before_ms: Millis) -> Result<u64, StoreError> {
        fold::fold(self, fold::HOUR, before_ms).await
    }

    async fn fold_days(&self, before_ms: Millis) -> Result<u64, StoreError> {
        fold::fold(self, fold::DAY, before_ms).await
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
        run(self, add).await
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

    async fn revoke_token(&self, token_id: &str, now_ms: Millis) -> Result<(), StoreError> {
        let revoke = Statement::new(include_str!("sql/revoke_token.sql"))
            .with(token_id)
            .with(now_ms);
        run(self, revoke).await
    }

    async fn revoked_tokens(&self) -> Result<HashSet<String>, StoreError> {
        let mut rows = self.rows(Statement::new(include_str!(
            "sql/select_revoked_tokens.sql"
        )));
        let mut tokens = HashSet::new();
        while let Some(row) = rows.try_next().await? {
            tokens.insert(row.text(0)?.to_owned());
        }
        Ok(tokens)
    }

    async fn distributions(
        &self,
        selection: &Selection,
        metric: Option<Metric>,
        by: Option<Dimension>,
    ) -> Result<Vec<DistributionSum>, StoreError> {
        questions::distributions(self, selection, metric, by).await
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
        questions::links(self, selection, limit).await
    }

    async fn visits_by_channel(
        &self,
        selection: &Selection,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        questions::visits_by_channel(self, selection).await
    }
}

/// Runs a statement in a transaction of its own.
async fn run(engine: &impl Engine, statement: Statement) -> Result<(), StoreError> {
    let mut transaction = engine.begin().await?;
    transaction.run(statement).await?;
    Ok(transaction.commit().await?)
}
