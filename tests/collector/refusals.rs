//! Bad input: every refusal has its status, its code and its counter, and costs nobody else
//! anything. The table is in [`cases`].

mod cases;
mod setting;

use anyhow::{Context, Result, bail, ensure};
use foresight_tests::{Database, Home, Reply, Scrape, Tally};

use cases::{CASES, Case, Fate};
use setting::Setting;

/// The counters of batches before and after a request.
struct Change {
    before: Scrape,
    after: Scrape,
}

#[tokio::test]
async fn bad_input_is_refused_with_its_code_and_counted_and_honest_batches_stay_exact() -> Result<()>
{
    let home = Home::new(Database::Sqlite).await?;
    let site = home.add_site("bakery.example").await?;
    let revoked = home.add_site("closed.example").await?;
    home.revoke(&revoked.token).await?;
    let forged = Home::new(Database::Sqlite)
        .await?
        .add_site("bakery.example")
        .await?;
    let collector = home.start().await?;
    let known = foresight_tests::first_batch(&site.token, "/known", vec![]);
    let setting = Setting {
        collector: &collector,
        site,
        revoked,
        forged,
        known,
    };
    let mut expected = Tally::default();
    honest(&setting, &setting.known, &mut expected).await?;
    for case in CASES {
        honest(&setting, &setting.batch(), &mut expected).await?;
        try_case(&setting, case, &mut expected)
            .await
            .with_context(|| case.name)?;
    }
    honest(&setting, &setting.batch(), &mut expected).await?;
    collector.merged().await?;
    expected.check(&collector, Some(&setting.site.host)).await?;
    expected.check(&collector, None).await.context("all sites")
}

/// An honest batch is accepted whole, whatever came before it.
async fn honest(
    setting: &Setting<'_>,
    batch: &foresight_shared::Batch<'static>,
    expected: &mut Tally,
) -> Result<()> {
    let answer = setting
        .collector
        .send(&setting.site, batch)
        .await?
        .answer()?;
    ensure!(
        answer.accepted == batch.events.len() && answer.rejected == 0 && !answer.duplicate,
        "an honest batch: {answer:?}"
    );
    expected.add(batch);
    Ok(())
}

async fn try_case(setting: &Setting<'_>, case: &Case, expected: &mut Tally) -> Result<()> {
    let (request, kept) = (case.sending)(setting)?;
    let before = setting.collector.scrape().await?;
    let reply = setting.collector.reply(request).await?;
    let change = Change {
        before,
        after: setting.collector.scrape().await?,
    };
    match case.fate {
        Fate::Refused(status, code) => {
            is_problem(&reply, status)?;
            ensure!(
                reply.code() == code,
                "expected the code {code}, got {reply:?}"
            );
            change.is(0.0, 1.0, 0.0)?;
            change.by("foresight_batches_rejected_total", ("code", code), 1.0)?;
        }
        Fate::NoBatch(status) => {
            is_problem(&reply, status)?;
            change.is(0.0, 0.0, 0.0)?;
        }
        Fate::Trimmed(code) => {
            let answer = reply.answer()?;
            ensure!((answer.accepted, answer.rejected) == (1, 1), "{answer:?}");
            let Some(fault) = answer.errors.first() else {
                bail!("no errors in {answer:?}")
            };
            ensure!(
                fault.index == 1 && fault.code == code,
                "expected the code {code}, got {fault:?}"
            );
            ensure!(
                !fault.field.is_empty() && !fault.rule.is_empty(),
                "{fault:?}"
            );
            change.is(1.0, 0.0, 0.0)?;
            change.by("foresight_events_rejected_total", ("code", code), 1.0)?;
        }
        Fate::Kept => {
            let answer = reply.answer()?;
            ensure!((answer.accepted, answer.rejected) == (1, 0), "{answer:?}");
            change.is(1.0, 0.0, 0.0)?;
        }
        Fate::Duplicate => {
            let answer = reply.answer()?;
            ensure!(
                answer.duplicate && (answer.accepted, answer.rejected) == (0, 0),
                "{answer:?}"
            );
            change.is(0.0, 0.0, 1.0)?;
        }
    }
    change.events(&case.fate)?;
    if let Some(batch) = kept {
        expected.add(&batch);
    }
    Ok(())
}

/// The answer is `application/problem+json` with everything that a problem has.
fn is_problem(reply: &Reply, status: u16) -> Result<()> {
    ensure!(reply.status == status, "expected {status}, got {reply:?}");
    ensure!(
        reply.content_type == "application/problem+json",
        "{reply:?}"
    );
    ensure!(reply.body["status"] == status, "{reply:?}");
    let texts: &[&str] = match status {
        422 => &["type", "title", "code", "field", "rule"],
        _ => &["type", "title", "code"],
    };
    for text in texts {
        ensure!(
            reply.body[text]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "no {text} in {reply:?}"
        );
    }
    Ok(())
}

impl Change {
    /// Compares how far batches moved, and that none is missing: received = accepted + rejected +
    /// repeated, from the start.
    fn is(&self, accepted: f64, rejected: f64, repeated: f64) -> Result<()> {
        self.by("foresight_batches_total", ("outcome", "accepted"), accepted)?;
        self.by(
            "foresight_batches_total",
            ("outcome", "duplicate"),
            repeated,
        )?;
        let all = self.delta("foresight_batches_rejected_total", &[]);
        ensure!(
            all == rejected,
            "expected {rejected} more rejected batches, got {all}"
        );
        let received = self.delta("foresight_batches_received_total", &[]);
        let known = accepted + rejected + repeated;
        ensure!(
            received == known,
            "expected {known} more received batches, got {received}"
        );
        let after = &self.after;
        let received = after.sum("foresight_batches_received_total", &[]);
        let fates = after.sum("foresight_batches_total", &[("outcome", "accepted")])
            + after.sum("foresight_batches_total", &[("outcome", "duplicate")])
            + after.sum("foresight_batches_rejected_total", &[]);
        ensure!(
            received == fates,
            "{received} batches received, the fate of {fates} is known"
        );
        Ok(())
    }

    /// Every event of a batch that was kept is counted as accepted or as rejected.
    fn events(&self, fate: &Fate) -> Result<()> {
        let (accepted, rejected) = match fate {
            Fate::Trimmed(_) => (1.0, 1.0),
            Fate::Kept => (1.0, 0.0),
            // The one batch that is refused because of its only event.
            Fate::Refused(_, "nothing_kept") => (0.0, 1.0),
            Fate::Refused(..) | Fate::NoBatch(_) | Fate::Duplicate => (0.0, 0.0),
        };
        let vitals = self.delta("foresight_events_accepted_total", &[("kind", "vital")]);
        ensure!(
            vitals == accepted,
            "expected {accepted} more accepted vitals, got {vitals}"
        );
        let refused = self.delta("foresight_events_rejected_total", &[]);
        ensure!(
            refused == rejected,
            "expected {rejected} more rejected events, got {refused}"
        );
        Ok(())
    }

    fn by(&self, name: &str, label: (&str, &str), expected: f64) -> Result<()> {
        let delta = self.delta(name, &[label]);
        ensure!(
            delta == expected,
            "{name} with {label:?} moved by {delta}, expected {expected}"
        );
        Ok(())
    }

    fn delta(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.after.sum(name, labels) - self.before.sum(name, labels)
    }
}
