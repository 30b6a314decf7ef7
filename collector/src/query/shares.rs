//! `/api/v1/shares`: shares, the visits they brought, by channel and by link.

use std::{cmp::Reverse, collections::BTreeMap};

use axum::{Json, extract};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    State,
    documented::Refused,
    figure,
    scope::{self, Answer, Question, timestamp},
    small::{Small, SmallGroups},
    unavailable,
    value::Limit,
};
use crate::{
    event::Kind,
    problem::Problem,
    store::{CountSum, Link, Selection},
};

/// The report's own parameters.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Own {
    #[serde(default)]
    limit: Limit,
}

/// How links spread.
#[derive(Serialize, ToSchema)]
pub(super) struct SharesReport {
    shares: u64,
    visits: u64,
    channels: Vec<Channel>,
    links: Vec<Line>,
    /// Groups that are not told to the one who asks; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    small_groups: Option<SmallGroups>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SharesChannel)]
struct Channel {
    channel: String,
    shares: u64,
    visits: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SharesLink)]
struct Line {
    site: String,
    id: String,
    channel: String,
    page: Option<String>,
    parent: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    visits: u64,
}

#[utoipa::path(
    get,
    path = "/api/v1/shares",
    operation_id = "shares",
    tag = "reports",
    summary = "Shares, and the visits they brought",
    params(scope::Span, scope::OneSite, scope::Filters, Own),
    responses(
        (status = 200, description = "the report", body = Answer<SharesReport>),
        Refused
    ),
)]
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    question: Question<Own>,
) -> Result<Json<Answer<SharesReport>>, Problem> {
    // Nobody knows on which device a link is read: a report about one would count its shares but
    // every device's visits.
    let selection = Selection {
        device: None,
        country: None,
        browser: None,
        navigation: None,
        ..question.selection
    };
    let (shares, visits, links) = tokio::try_join!(
        state.store.counts(&selection, Some(Kind::Share), None),
        state.store.visits_by_channel(&selection),
        state.store.links(&selection, question.own.limit.0),
    )
    .map_err(unavailable)?;
    let report = report(shares, visits, links, question.small);
    Ok(Answer::new(selection, report))
}

fn report(
    shares: Vec<CountSum>,
    visits: Vec<(String, i64)>,
    links: Vec<Link>,
    small: Small,
) -> SharesReport {
    let mut channels: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for sum in shares {
        channels.entry(sum.name).or_default().0 += sum.count;
    }
    for (channel, count) in visits {
        channels.entry(channel).or_default().1 += count;
    }
    let mut channels: Vec<Channel> = channels
        .into_iter()
        .map(|(channel, (shares, visits))| Channel {
            channel,
            shares: figure::whole(shares),
            visits: figure::whole(visits),
        })
        .collect();
    channels.sort_by_key(|channel| Reverse((channel.shares, channel.visits)));
    // A link is what one visitor has shared, also if nobody came through it.
    let links = links.into_iter().map(line).collect();
    let (links, small_groups) = small.split_all(links, |link| link.visits);
    SharesReport {
        shares: channels.iter().map(|channel| channel.shares).sum(),
        visits: channels.iter().map(|channel| channel.visits).sum(),
        channels,
        links,
        small_groups,
    }
}

fn line(link: Link) -> Line {
    Line {
        site: link.site,
        id: link.id,
        channel: link.channel,
        page: link.page,
        parent: link.parent,
        at: link.shared_ms.map(timestamp),
        visits: figure::whole(link.visits),
    }
}
