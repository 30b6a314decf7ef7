//! `/api/v1/session` and `/api/v1/setup`: signing in and out, the first person, one's own password.
//!
//! In: names and passwords. Out: sessions. What must never happen: a session keeps its id when what it may do
//! changes, or an answer tells a known name from an unknown one, by its words or by its time.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    Json,
    extract::{ConnectInfo, FromRequestParts, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use utoipa::ToSchema;

use super::{
    By, Caller, Door, Least, Nothing, Routes, Sent,
    begin::not_kept,
    check_name, csrf,
    documented::{Asked, Body, Hashing, InTheWay, Locked},
    hash_of, new_secret, oidc, refusal,
    setup::GOOD_MS,
    unavailable,
};
use crate::{
    config::{Login, Secret},
    problem::Problem,
    store::{Person, PersonChange, Role},
};

/// The routes of signing in.
#[must_use]
pub fn routes(door: &Door) -> Routes {
    Routes::new(door)
        .get("/api/v1/session", Least::Visitor, tell)
        .post("/api/v1/session", Least::Visitor, sign_in)
        .delete("/api/v1/session", Least::Visitor, sign_out)
        .put("/api/v1/session/password", Least::Viewer, change_password)
        .post("/api/v1/setup", Least::Visitor, set_up)
        .get("/api/v1/session/oidc", Least::Visitor, oidc::begin)
        .get("/api/v1/session/oidc/callback", Least::Visitor, oidc::end)
        .dress(|router| router.with_state(door.clone()))
}

/// What a page has to know.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct Told {
    pub(super) user: Option<User>,
    pub(super) login: Login,
    pub(super) setup: bool,
    /// Whether one can sign in by single sign-on: `/api/v1/session/oidc`.
    pub(super) oidc: bool,
    pub(super) csrf: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) role: Role,
}

/// Where a request comes from.
pub(super) struct From(pub(super) IpAddr);

impl FromRequestParts<Door> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        Ok(Self((door.0.parts.address_of)(peer, &parts.headers)))
    }
}

#[utoipa::path(
    get,
    path = "/api/v1/session",
    operation_id = "session",
    tag = "session",
    summary = "Who has signed in",
    responses((status = 200, description = "who has signed in", body = Told), Asked),
)]
pub(super) async fn tell(
    State(door): State<Door>,
    caller: Option<Caller>,
    session: Session,
    headers: HeaderMap,
    _: Nothing,
) -> Result<Response, Problem> {
    let user = caller.filter(|caller| caller.by != By::Nothing);
    let signed_in = user.as_ref().is_some_and(|user| user.by == By::Session);
    let user = user.map(|caller| User {
        name: caller.name,
        role: caller.role,
    });
    if let Some(id) = session.id().filter(|_| signed_in) {
        return Ok(Json(door.told(user, &id.to_string()).await?).into_response());
    }
    let cookies = door.0.cookies;
    if let Some(visit) = csrf::cookie(&headers, cookies.visit) {
        return Ok(Json(door.told(user, &visit).await?).into_response());
    }
    let visit = new_secret();
    let cookie = [(header::SET_COOKIE, cookies.set(cookies.visit, &visit))];
    Ok((AppendHeaders(cookie), Json(door.told(user, &visit).await?)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    name: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

#[utoipa::path(
    post,
    path = "/api/v1/session",
    operation_id = "sign_in",
    tag = "session",
    summary = "Signs in",
    request_body = Credentials,
    responses((status = 200, description = "who has signed in", body = Told), Asked, Body, InTheWay, Locked, Hashing),
)]
pub(super) async fn sign_in(
    State(door): State<Door>,
    session: Session,
    From(address): From,
    Sent(sent): Sent<Credentials>,
) -> Result<Response, Problem> {
    if door.0.parts.login == Login::Off {
        return Err(refusal::off());
    }
    let person = door.verified(&sent.name, &sent.password, address).await?;
    let caller = Caller {
        name: person.name.clone(),
        role: person.role,
        by: By::Session,
    };
    let noted = door.entry(&caller, "signed_in", person.name.as_str());
    door.accounts().note(&noted).await.map_err(unavailable)?;
    door.begin(&session, &person, StatusCode::OK).await
}

#[utoipa::path(
    delete,
    path = "/api/v1/session",
    operation_id = "sign_out",
    tag = "session",
    summary = "Signs out",
    responses((status = 204, description = "nobody is signed in"), Asked),
)]
pub(super) async fn sign_out(
    State(door): State<Door>,
    session: Session,
    _: Nothing,
) -> Result<Response, Problem> {
    session.flush().await.map_err(not_kept)?;
    // The library's own way of taking the cookie away leaves `Secure` out, and browsers then do not.
    let cookies = door.0.cookies;
    let clear = [(header::SET_COOKIE, cookies.clear(cookies.session))];
    Ok((StatusCode::NO_CONTENT, AppendHeaders(clear)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    #[schema(value_type = String, format = Password)]
    old: Secret,
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    new: Secret,
}

#[utoipa::path(
    put,
    path = "/api/v1/session/password",
    operation_id = "change_password",
    tag = "session",
    summary = "Changes one's own password",
    request_body = NewPassword,
    responses((status = 200, description = "who has signed in", body = Told), Asked, Body, Locked, Hashing),
)]
pub(super) async fn change_password(
    State(door): State<Door>,
    caller: Caller,
    session: Session,
    From(address): From,
    Sent(sent): Sent<NewPassword>,
) -> Result<Response, Problem> {
    if caller.by != By::Session {
        return Err(refusal::needs_session());
    }
    let person = door.verified(&caller.name, &sent.old, address).await?;
    let change = PersonChange {
        role: None,
        password: Some(door.passwords().hash(&caller.name, &sent.new).await?),
    };
    let entry = door.entry(&caller, "password_changed", caller.name.as_str());
    // This ends all sessions of theirs, wherever they are; then a new one begins here.
    let changed = door.accounts().change_person(&caller.name, &change, &entry);
    changed.await.map_err(unavailable)?;
    door.begin(&session, &person, StatusCode::OK).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetUp {
    #[schema(value_type = String, format = Password)]
    secret: Secret,
    #[schema(pattern = "^[a-z0-9]([a-z0-9._@+-]{0,62}[a-z0-9])?$")]
    name: String,
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    password: Secret,
}

#[utoipa::path(
    post,
    path = "/api/v1/setup",
    operation_id = "set_up",
    tag = "session",
    summary = "Makes the first person",
    request_body = SetUp,
    responses((status = 201, description = "who has signed in", body = Told), Asked, Body, InTheWay, Locked, Hashing),
)]
pub(super) async fn set_up(
    State(door): State<Door>,
    session: Session,
    From(address): From,
    Sent(sent): Sent<SetUp>,
) -> Result<Response, Problem> {
    if door.0.parts.login == Login::Off {
        return Err(refusal::off());
    }
    if door.accounts().has_people().await.map_err(unavailable)? {
        return Err(refusal::setup_done());
    }
    check_name(&sent.name).map_err(|error| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "field_invalid",
            "a field breaks a rule",
        )
        .breaks("name", error.to_string())
    })?;
    door.attempt(None, address)?;
    let now_ms = door.now_ms();
    let person = Person {
        password: door.passwords().hash(&sent.name, &sent.password).await?,
        name: sent.name,
        role: Role::Admin,
        created_ms: now_ms,
        seen_ms: None,
    };
    let caller = Caller {
        name: person.name.clone(),
        role: Role::Admin,
        by: By::Session,
    };
    let entry = door.entry(&caller, "set_up", person.name.as_str());
    let hash = hash_of(sent.secret.reveal());
    let made = door
        .accounts()
        .set_up(&hash, now_ms - GOOD_MS, &person, &entry);
    if !made.await.map_err(unavailable)? {
        door.count_failure("setup_invalid");
        return Err(refusal::setup_invalid());
    }
    door.0.lockout.forgive(&person.name, Some(address));
    door.begin(&session, &person, StatusCode::CREATED).await
}
