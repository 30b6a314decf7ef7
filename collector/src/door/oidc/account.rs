//! Who an account elsewhere is here.
//!
//! In: the claims of an ID token that was verified. Out: a name, a role, and the mark that stands where others have
//! the hash of a password. What must never happen: a mail address counts that the issuer has not verified, or a claim
//! that is not there gives a role.

use serde_json::{Map, Value};

use super::{
    super::{check_name, hash_of, refusal},
    issuer::OidcSettings,
};
use crate::{
    event::Millis,
    problem::Problem,
    store::{Person, Role},
};

/// Begins a mark. No hash of a password begins so.
const MARK: &str = "oidc:";

/// Whether there is no password to verify, since who it is comes from an issuer.
pub(in super::super) fn has_no_password(kept: &str) -> bool {
    kept.starts_with(MARK)
}

/// An account elsewhere.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) role: Role,
    /// Stands for issuer and subject: whoever else is given the name there later is not the same person.
    pub(super) mark: String,
}

impl Account {
    pub(super) fn of(
        claims: &Map<String, Value>,
        settings: &OidcSettings,
    ) -> Result<Self, Box<Problem>> {
        let refuse = || Box::new(refusal::oidc_name());
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let subject = text("sub").ok_or_else(refuse)?;
        let name = text(&settings.name_claim).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        check_name(&name).map_err(|_| refuse())?;
        let is_verified = claims.get("email_verified") == Some(&Value::Bool(true));
        if settings.name_claim == "email" && !is_verified {
            return Err(refuse());
        }
        let role = role(claims, settings).ok_or_else(|| Box::new(refusal::oidc_no_role()))?;
        let whose = format!("{}\n{subject}", settings.issuer);
        Ok(Self {
            name,
            role,
            mark: format!("{MARK}{}", hash_of(&whose)),
        })
    }

    pub(super) fn person(&self, created_ms: Millis) -> Person {
        Person {
            name: self.name.clone(),
            role: self.role,
            password: self.mark.clone(),
            created_ms,
            seen_ms: None,
        }
    }
}

/// The highest role of the claim's values, or the one of everybody.
fn role(claims: &Map<String, Value>, settings: &OidcSettings) -> Option<Role> {
    let claim = claims.get(&settings.role_claim);
    let values: Vec<&str> = match claim {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mapped = settings.roles.iter();
    let given = mapped.filter(|(value, _)| values.contains(&value.as_str()));
    given.map(|(_, role)| *role).max().or(settings.default_role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settings(name_claim: &str, default_role: Option<Role>) -> OidcSettings {
        OidcSettings {
            issuer: "https://issuer.example".into(),
            name_claim: name_claim.into(),
            role_claim: "groups".into(),
            roles: vec![("staff".into(), Role::Analyst), ("ops".into(), Role::Admin)],
            default_role,
            ..OidcSettings::default()
        }
    }

    fn of(claims: &Value, settings: &OidcSettings) -> Result<(String, Role), &'static str> {
        let claims = claims.as_object().cloned().unwrap_or_default();
        let account = Account::of(&claims, settings);
        account
            .map(|account| (account.name, account.role))
            .map_err(|problem| problem.code)
    }

    #[test]
    fn a_role_is_the_highest_that_is_given() {
        let (refuse, let_in) = (
            settings("preferred_username", None),
            settings("preferred_username", Some(Role::Viewer)),
        );
        for (groups, strict, open) in [
            (
                json!(["staff", "ops", "x"]),
                Ok(Role::Admin),
                Ok(Role::Admin),
            ),
            (json!("staff"), Ok(Role::Analyst), Ok(Role::Analyst)),
            (json!(["Staff", 7]), Err("oidc_no_role"), Ok(Role::Viewer)),
            (
                json!({"staff": true}),
                Err("oidc_no_role"),
                Ok(Role::Viewer),
            ),
            (json!(null), Err("oidc_no_role"), Ok(Role::Viewer)),
        ] {
            let claims = json!({"sub": "1", "preferred_username": "Ada", "groups": groups});
            let role = |settings| of(&claims, settings).map(|(_, role)| role);
            assert_eq!((role(&refuse), role(&let_in)), (strict, open), "{claims}");
        }
    }

    #[test]
    fn a_mail_address_counts_once_it_is_verified() {
        let settings = settings("email", Some(Role::Viewer));
        let mut claims = json!({"sub": "1", "email": "Ada@bakery.example", "email_verified": true});
        let ada = Ok(("ada@bakery.example".to_owned(), Role::Viewer));
        assert_eq!(of(&claims, &settings), ada);
        for verified in [json!(false), json!("true"), json!(null)] {
            claims["email_verified"] = verified;
            assert_eq!(of(&claims, &settings), Err("oidc_name"), "{claims}");
        }
        claims = json!({"sub": "1", "email": "a b@bakery.example", "email_verified": true});
        assert_eq!(of(&claims, &settings), Err("oidc_name"));
    }

    #[test]
    fn the_mark_is_of_issuer_and_subject_and_no_hash_of_a_password() {
        let mark = |issuer: &str, subject: &str| {
            let settings = OidcSettings {
                issuer: issuer.into(),
                ..settings("sub", Some(Role::Viewer))
            };
            let claims = json!({"sub": subject}).as_object().cloned();
            Account::of(&claims.unwrap(), &settings).unwrap().mark
        };
        assert_eq!(
            mark("https://a.example", "one"),
            mark("https://a.example", "one")
        );
        assert_ne!(
            mark("https://a.example", "one"),
            mark("https://a.example", "two")
        );
        assert_ne!(
            mark("https://a.example", "one"),
            mark("https://b.example", "one")
        );
        assert!(has_no_password(&mark("https://a.example", "one")));
        assert!(!has_no_password("$argon2id$v=19$"));
    }
}
