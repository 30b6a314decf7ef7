//! The reports, as the OpenAPI document has them.
//!
//! In: what stands beside each handler. Out: this room's part of the document. `app` joins it with the others,
//! and a test there holds its addresses equal to the routes.

use std::collections::BTreeMap;

use foresight_shared::NavigationType;
use utoipa::{
    IntoResponses, OpenApi,
    openapi::{RefOr, Response, ResponseBuilder},
};

use super::{
    changes::{Wanted, Way},
    compare::Compare,
    fleet, growth,
    money::{self, asked::Format},
    value::{DeviceWord, Limit, Range, Time, Word},
};
use crate::problem::{self, Problem};

/// How a question about reports can be refused.
pub(super) struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = problem::responses(&[
            (401, "nobody has signed in, or the token is not good"),
            (403, "so few page views are for admins"),
            (405, "reports are read with GET"),
            (
                422,
                "a parameter breaks a rule, or what is kept cannot answer",
            ),
            (503, "the database does not answer"),
        ]);
        let known =
            ResponseBuilder::new().description("what `If-None-Match` names has not changed");
        responses.insert("304".to_owned(), known.build().into());
        responses
    }
}

/// What only analysts and admins may read.
pub(super) struct ForAnalysts;

impl IntoResponses for ForAnalysts {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problem::responses(&[(403, "the role does not allow it")])
    }
}

/// A report that cannot be made of what is stored.
pub(super) struct Failed;

impl IntoResponses for Failed {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problem::responses(&[(
            500,
            "the ledger cannot be added up, or the table cannot be written",
        )])
    }
}

/// What happens now, for as many as can look at once.
pub(super) struct Crowded;

impl IntoResponses for Crowded {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problem::responses(&[
            (401, "nobody has signed in, or the token is not good"),
            (405, "reports are read with GET"),
            (422, "there are no parameters"),
            (503, "as many look as can at once"),
        ])
    }
}

#[derive(OpenApi)]
#[openapi(
    paths(
        super::sites::answer,
        super::vitals::answer,
        super::series::answer,
        super::pages::answer,
        super::causes::answer,
        super::shares::answer,
        super::activity::answer,
        super::dimensions::answer,
        super::live::answer,
        super::breakdown::answer,
        super::builds::answer,
        super::changes::answer,
    ),
    components(schemas(
        Wanted,
        Way,
        Problem, Word, DeviceWord, NavigationType, Time, Range, Limit, Compare, Format
    )),
    tags(
        (name = "reports", description = "What was measured."),
        (name = "fleet", description = "All sites at once, and site by site."),
        (name = "growth", description = "How the fleet spreads; docs/growth.md defines every figure."),
        (name = "money", description = "What it earns; docs/money.md defines every figure."),
    ),
)]
struct Documented;

/// This room's part of the OpenAPI document.
#[must_use]
pub fn documented() -> utoipa::openapi::OpenApi {
    let mut all = Documented::openapi();
    all.merge(fleet::Documented::openapi());
    all.merge(growth::Documented::openapi());
    all.merge(money::Documented::openapi());
    all
}
