//! Page views by robots that say who they are.

use foresight_shared::NavigationType;
use rand::{RngExt, rngs::StdRng};

use super::{
    model::{self, of},
    owners::Owners,
    planted::Planted,
    view::named,
};
use crate::event::{Accepted, BOT_PAGE, Device, Kind, Millis, View};

/// A robot's view of a site.
pub(super) fn bot(
    owners: &Owners,
    planted: &Planted,
    site: usize,
    at_ms: Millis,
    random: &mut StdRng,
) -> Accepted {
    let unknown = || "unknown".to_owned();
    let names = [("googlebot", 0.6), ("bingbot", 0.3), ("lighthouse", 0.1)];
    let at = &owners.sites[site];
    Accepted {
        view: View {
            site: at.host.clone(),
            template: Some(model::TEMPLATES[at.template].0.to_owned()),
            build: Some(planted.build(site, at.template, at_ms).to_owned()),
            page: BOT_PAGE.to_owned(),
            device: Device::Unknown,
            country: unknown(),
            browser: unknown(),
            navigation: NavigationType::Navigate,
            start_ms: at_ms,
            received_ms: at_ms,
            counted: false,
        },
        events: vec![named(Kind::Bot, of(names, random.random(), "googlebot"))],
    }
}
