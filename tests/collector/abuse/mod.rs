//! Abuse of the real binary: what answers, what memory it takes, and whether honest visitors are
//! served meanwhile.
//!
//! In the gate each abuse is short. `FORESIGHT_TEST_ABUSE=long` makes them as large as `SECURITY.md`
//! says, fails if honest visitors wait for long, and prints the table that stands there:
//!
//! ```sh
//! FORESIGHT_TEST_ABUSE=long cargo xtask test --only rust -- abuse --nocapture
//! ```

mod bodies;
mod floods;
mod mold;
mod names;
mod report;
mod requests;
mod scene;
mod slow;
mod tokens;

use anyhow::{Result, bail};

use report::Report;

/// How large the abuses are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    /// For the gate: some seconds each.
    Short,
    /// For `SECURITY.md`: a minute or two each.
    Long,
}

impl Scale {
    fn of_environment() -> Result<Self> {
        match std::env::var("FORESIGHT_TEST_ABUSE").as_deref() {
            Err(_) => Ok(Self::Short),
            Ok("long") => Ok(Self::Long),
            Ok(other) => bail!("FORESIGHT_TEST_ABUSE is {other}; it may be long, or not be set"),
        }
    }

    fn pick<T>(self, short: T, long: T) -> T {
        match self {
            Self::Short => short,
            Self::Long => long,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_visitors_are_served_through_every_abuse_and_memory_stays_bounded() -> Result<()> {
    let scale = Scale::of_environment()?;
    let mut report = Report::new(scale == Scale::Long);
    slow::all(&mut report, scale).await;
    floods::all(&mut report, scale).await;
    bodies::all(&mut report, scale).await;
    requests::all(&mut report).await;
    tokens::all(&mut report, scale).await;
    names::all(&mut report, scale).await;
    println!("\n{report}");
    report.verdict()
}
