//! Makes accepted events of checked ones: what is kept, and in which words.

mod event;
#[cfg(test)]
mod tests;

use foresight_shared::{Batch, Event as Wire, Metric, NavigationType};

use super::{client::Visitor, path::page_of};
use crate::{
    access::Claims,
    event::{Accepted, BOT_PAGE, Device, Event, Kind, Millis, View},
};
use event::kept;

/// The accepted part of a batch. `now_ms` is the time of receipt.
pub(super) fn accept(
    batch: &Batch<'_>,
    events: Vec<Wire<'_>>,
    claims: Claims,
    visitor: Visitor,
    now_ms: Millis,
) -> Accepted {
    let wire = &batch.view;
    // At most `limits::AGE_MS`, so the cast and the subtraction are exact.
    let start_ms = now_ms - wire.age as Millis;
    let visit = starts_visit(batch, &claims).then(|| Event::Named {
        kind: Kind::Visit,
        name: String::new(),
    });
    let able = (wire.seq == 0 && !wire.can.is_empty()).then(|| able(&wire.can));
    let view = View {
        site: claims.host.as_str().to_owned(),
        template: claims.template,
        build: claims.build,
        page: page_of(&wire.path),
        device: visitor.device,
        country: visitor.country,
        browser: visitor.browser,
        navigation: wire.navigation,
        start_ms,
        received_ms: now_ms,
        counted: wire.seq == 0,
    };
    Accepted {
        view,
        events: events
            .into_iter()
            .flat_map(kept)
            .chain(visit)
            .chain(able)
            .collect(),
    }
}

/// Whether the batch counts a view with which a visit starts: the visitor came, and not from the site
/// itself. Nobody is known again, so nothing else can be counted: whoever comes back is another visit,
/// and so is each page of a site that sends no referrer. Of a view that ended before the beacon was
/// there only the loader tells: neither what can be measured nor a referrer. It starts none.
fn starts_visit(batch: &Batch<'_>, claims: &Claims) -> bool {
    let view = &batch.view;
    let comes = matches!(
        view.navigation,
        NavigationType::Navigate | NavigationType::Prerender
    );
    let mut referrer = view.referrer.iter();
    let is_known = view.seq == 0 && !view.can.is_empty();
    is_known && comes && !referrer.any(|host| claims.host.is_referrer(host))
}

/// What is kept of a robot's batch: that it saw a page of the site. Not which page, and none of its
/// events, so that nothing of it can be mistaken for a visitor's. `bot` is its name in our list.
pub(super) fn accept_bot(
    batch: &Batch<'_>,
    claims: Claims,
    bot: &'static str,
    now_ms: Millis,
) -> Accepted {
    let nobody = Visitor {
        device: Device::Unknown,
        browser: super::client::UNKNOWN.to_owned(),
        country: super::client::UNKNOWN.to_owned(),
    };
    let mut accepted = accept(batch, Vec::new(), claims, nobody, now_ms);
    BOT_PAGE.clone_into(&mut accepted.view.page);
    accepted.view.navigation = NavigationType::Navigate;
    accepted.events.clear();
    if accepted.view.counted {
        accepted.view.counted = false;
        accepted.events.push(Event::Named {
            kind: Kind::Bot,
            name: bot.to_owned(),
        });
    }
    accepted
}

/// The kinds of events, as the metric's label names them.
pub(super) fn kinds(events: &[Wire<'_>]) -> Vec<&'static str> {
    events
        .iter()
        .map(|event| match event {
            Wire::Vital { .. } => "vital",
            Wire::Share { .. } => "share",
            Wire::Referral { .. } => "referral",
            Wire::Lead { .. } => "lead",
            Wire::Conversion { .. } => "conversion",
            Wire::Error { .. } => "error",
            Wire::Frames { .. } => "frames",
            Wire::Call { .. } => "call",
            Wire::NotRestored { .. } => "not_restored",
            Wire::Custom { .. } => "custom",
        })
        .collect()
}

/// What a view's browser can measure, in the order of metrics whatever the beacon's order.
fn able(can: &[Metric]) -> Event {
    let metrics = Metric::ALL
        .into_iter()
        .filter(|metric| can.contains(metric));
    Event::Able {
        metrics: metrics.collect(),
    }
}
