//! Single sign-on, by the settings.

use crate::{config::Config, door::OidcSettings, store::Role};

/// What the door has to know of the issuer, if there is one.
pub(super) fn settings(config: &Config) -> Option<OidcSettings> {
    // `Config::check` has refused other words than roles.
    let role = |text: &str| text.parse::<Role>().ok();
    let mapped = config.oidc_roles.iter().filter_map(|text| {
        let (value, word) = text.rsplit_once('=')?;
        Some((value.to_owned(), role(word)?))
    });
    (!config.oidc_issuer.is_empty()).then(|| OidcSettings {
        issuer: config.oidc_issuer.clone(),
        client_id: config.oidc_client_id.clone(),
        client_secret: config.oidc_client_secret.clone(),
        base: config.dashboard_base().to_owned(),
        name_claim: config.oidc_name_claim.clone(),
        role_claim: config.oidc_role_claim.clone(),
        roles: mapped.collect(),
        default_role: role(&config.oidc_default_role),
    })
}
