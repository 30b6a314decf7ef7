//! Problems, as the OpenAPI document has them.
//!
//! In: statuses, each with what it means at an address. Out: answers for the document. What must never
//! happen: a body here that [`Problem`] does not write.

use std::{borrow::Cow, collections::BTreeMap};

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder,
        Schema, schema::Type,
    },
};

use super::{Body, Problem};

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        "Problem".into()
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Body::schema()
    }
}

/// A status that an answer with a problem can have, and what it means there.
pub type Refused = (u16, &'static str);

/// Answers with problems. Those with 429 and 503 say when to come back.
#[must_use]
pub fn responses(refused: &[Refused]) -> BTreeMap<String, RefOr<Response>> {
    let response = |(status, meaning): &Refused| {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(Problem::name())))
            .build();
        let mut response = ResponseBuilder::new()
            .description(*meaning)
            .content("application/problem+json", content);
        if matches!(status, 429 | 503) {
            let seconds = ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(0));
            let header = HeaderBuilder::new()
                .schema(seconds)
                .description(Some("after how many seconds a repeat makes sense"))
                .build();
            response = response.header("Retry-After", header);
        }
        (status.to_string(), response.build().into())
    };
    refused.iter().map(response).collect()
}
