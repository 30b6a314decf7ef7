//! People: who they are, what they may do, and their passwords.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State as Shared},
    http::StatusCode,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{State, field_invalid, timestamp};
use crate::{
    config::Secret,
    door::{
        Asked, Body, Caller, Hashing, InTheWay, Missing, Nothing, Sent, check_name, unavailable,
    },
    problem::Problem,
    store::{Changed, Person, PersonChange, Role},
};

#[derive(Serialize, ToSchema)]
pub(super) struct Users {
    users: Vec<User>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct User {
    name: String,
    role: Role,
    #[schema(value_type = Option<String>, format = DateTime)]
    created: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen: Option<Timestamp>,
    locked: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    #[schema(pattern = "^[a-z0-9]([a-z0-9._@+-]{0,62}[a-z0-9])?$")]
    name: String,
    role: Role,
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    password: Secret,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserChange {
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Password, min_length = 12, max_length = 256)]
    password: Option<Secret>,
}

fn user_of(state: &State, person: Person) -> User {
    User {
        locked: state.door.is_locked(&person.name),
        created: timestamp(person.created_ms),
        last_seen: person.seen_ms.and_then(timestamp),
        role: person.role,
        name: person.name,
    }
}

#[utoipa::path(
    get,
    path = "/api/v1/users",
    operation_id = "users",
    tag = "admin",
    summary = "Everybody",
    responses((status = 200, description = "everybody", body = Users), Asked),
)]
pub(super) async fn list(
    Shared(state): Shared<Arc<State>>,
    _: Nothing,
) -> Result<Json<Users>, Problem> {
    let people = state.door.accounts().people().await.map_err(unavailable)?;
    let users = people.into_iter().map(|person| user_of(&state, person));
    Ok(Json(Users {
        users: users.collect(),
    }))
}

#[utoipa::path(
    post,
    path = "/api/v1/users",
    operation_id = "add_user",
    tag = "admin",
    summary = "Adds somebody",
    request_body = NewUser,
    responses((status = 201, description = "they can sign in", body = User), Asked, Body, InTheWay, Hashing),
)]
pub(super) async fn add(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Sent(sent): Sent<NewUser>,
) -> Result<(StatusCode, Json<User>), Problem> {
    check_name(&sent.name).map_err(|error| field_invalid("name", error.to_string()))?;
    let door = &state.door;
    let person = Person {
        password: door.passwords().hash(&sent.name, &sent.password).await?,
        name: sent.name,
        role: sent.role,
        created_ms: door.now_ms(),
        seen_ms: None,
    };
    let what = format!("{} as {}", person.name, person.role);
    let entry = door.entry(&caller, "user_added", what);
    let added = door.accounts().add_person(&person, &entry).await;
    done(added.map_err(unavailable)?)?;
    Ok((StatusCode::CREATED, Json(user_of(&state, person))))
}

#[utoipa::path(
    patch,
    path = "/api/v1/users/{name}",
    operation_id = "change_user",
    tag = "admin",
    summary = "Changes somebody's role or password",
    params(("name" = String, Path, description = "the person's name")),
    request_body = UserChange,
    responses((status = 200, description = "it is changed", body = User), Asked, Body, Missing, InTheWay, Hashing),
)]
pub(super) async fn change(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(name): Path<String>,
    Sent(sent): Sent<UserChange>,
) -> Result<Json<User>, Problem> {
    let door = &state.door;
    check_name(&name).map_err(|_| missing())?;
    let what = match (&sent.role, &sent.password) {
        (None, None) => return Err(field_invalid("role", "role or password, or both")),
        (Some(role), None) => format!("{name}: role {role}"),
        (None, Some(_)) => format!("{name}: password"),
        (Some(role), Some(_)) => format!("{name}: role {role}, password"),
    };
    let change = PersonChange {
        role: sent.role,
        password: match &sent.password {
            Some(password) => Some(door.passwords().hash(&name, password).await?),
            None => None,
        },
    };
    let entry = door.entry(&caller, "user_changed", what);
    let changed = door.accounts().change_person(&name, &change, &entry).await;
    done(changed.map_err(unavailable)?)?;
    if change.password.is_some() {
        door.unlock(&name);
    }
    let person = door.accounts().person(&name).await.map_err(unavailable)?;
    Ok(Json(user_of(&state, person.ok_or_else(missing)?)))
}

#[utoipa::path(
    delete,
    path = "/api/v1/users/{name}",
    operation_id = "remove_user",
    tag = "admin",
    summary = "Removes somebody",
    params(("name" = String, Path, description = "the person's name")),
    responses((status = 204, description = "they are gone"), Asked, Missing, InTheWay),
)]
pub(super) async fn remove(
    Shared(state): Shared<Arc<State>>,
    caller: Caller,
    Path(name): Path<String>,
    _: Nothing,
) -> Result<StatusCode, Problem> {
    check_name(&name).map_err(|_| missing())?;
    let entry = state.door.entry(&caller, "user_removed", name.as_str());
    let removed = state.door.accounts().remove_person(&name, &entry).await;
    done(removed.map_err(unavailable)?)?;
    Ok(StatusCode::NO_CONTENT)
}

fn missing() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "user_unknown",
        "there is nobody of that name",
    )
}

fn done(changed: Changed) -> Result<(), Box<Problem>> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Missing => Err(missing().into()),
        Changed::Taken => Err(Problem::new(
            StatusCode::CONFLICT,
            "user_exists",
            "there is somebody of that name",
        )
        .into()),
        Changed::LastAdmin => Err(Problem::new(
            StatusCode::CONFLICT,
            "last_admin",
            "nobody else is an admin",
        )
        .detail("give somebody else the role first")
        .into()),
    }
}
