//! Talking with the issuer: where people are sent, and what it says of them.
//!
//! In: a sign-in under way, and a code. Out: an address, and the claims of an ID token whose signature, issuer,
//! audience, time and nonce were verified. What must never happen: a token counts that was signed with something
//! shared, or a request of the world makes more than a few of ours at once.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{Request, Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreJwsSigningAlgorithm,
        CoreProviderMetadata,
    },
};
use serde_json::{Map, Value};
use tokio::{sync::Semaphore, task::spawn_blocking};
use ureq::Agent;

use super::{super::refusal, pending::Pending};
use crate::{config::Secret, problem::Problem, store::Role};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long what the issuer says of itself is good for sending people there.
const KNOWN: Duration = Duration::from_secs(600);

/// Sign-ins that are talked about at once.
const AT_ONCE: usize = 4;

/// Bytes of an answer.
const ANSWER_BYTES: u64 = 1 << 20;

/// What the settings say of single sign-on.
#[derive(Clone, Debug, Default)]
pub struct OidcSettings {
    /// The issuer's address, as it stands in its tokens.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// The secret of that, or nothing.
    pub client_secret: Secret,
    /// The dashboard's address, without a final slash.
    pub base: String,
    /// The claim with the name.
    pub name_claim: String,
    /// The claim with what gives a role.
    pub role_claim: String,
    /// Values of it, each with its role.
    pub roles: Vec<(String, Role)>,
    /// The role of everybody else; nothing: they are refused.
    pub default_role: Option<Role>,
}

impl OidcSettings {
    /// Where people go who have signed in.
    pub(super) fn dashboard(&self) -> String {
        format!("{}/", self.base)
    }
}

/// The issuer.
pub(in super::super) struct Issuer {
    inner: Arc<Inner>,
    turns: Semaphore,
}

struct Inner {
    settings: OidcSettings,
    agent: Agent,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

/// Why there are no claims. For the log; people are told which of three kinds it is.
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What the issuer said that is wrong, apart from that it said nothing.
enum Wrong {
    Unreachable(Failed),
    Token(Failed),
}

impl Issuer {
    pub(in super::super) fn new(settings: OidcSettings) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false);
        Self {
            inner: Arc::new(Inner {
                settings,
                agent: config.build().into(),
                known: Mutex::default(),
            }),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    pub(super) fn settings(&self) -> &OidcSettings {
        &self.inner.settings
    }

    /// Where a browser is sent.
    pub(super) async fn authorize(&self, pending: &Pending) -> Result<String, Problem> {
        let secrets = (pending.state(), pending.nonce(), pending.verifier());
        self.ask(move |inner| inner.authorize(secrets)).await
    }

    /// What the issuer says of who came back with this code.
    pub(super) async fn claims(
        &self,
        code: String,
        pending: Pending,
    ) -> Result<Map<String, Value>, Problem> {
        self.ask(move |inner| inner.claims(code, &pending)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Inner) -> Result<T, Wrong> + Send + 'static,
    ) -> Result<T, Problem> {
        let Ok(_turn) = self.turns.try_acquire() else {
            return Err(refusal::oidc_unavailable());
        };
        let inner = self.inner.clone();
        match spawn_blocking(move || question(&inner)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Wrong::Unreachable(error))) => {
                tracing::error!(
                    error = &*error as &dyn std::error::Error,
                    "the issuer does not answer"
                );
                Err(refusal::oidc_unavailable())
            }
            Ok(Err(Wrong::Token(error))) => {
                tracing::warn!(
                    error = &*error as &dyn std::error::Error,
                    "the issuer's token was refused"
                );
                Err(refusal::oidc_token())
            }
            Err(error) => {
                tracing::error!(%error, "asking the issuer was broken off");
                Err(refusal::oidc_unavailable())
            }
        }
    }
}

impl Inner {
    fn authorize(
        &self,
        (state, nonce, verifier): (String, String, String),
    ) -> Result<String, Wrong> {
        let metadata = self.known()?;
        let redirect = self.redirect()?;
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.client_id.clone()),
            None,
        )
        .set_redirect_uri(redirect);
        let verifier = PkceCodeVerifier::new(verifier);
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scope(Scope::new("profile".into()))
            .add_scope(Scope::new("email".into()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url.into())
    }

    fn claims(&self, code: String, pending: &Pending) -> Result<Map<String, Value>, Wrong> {
        // Anew, with the keys of now: sign-ins are rare, and keys change.
        let metadata = self.discover()?;
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
        let auth_type = if takes(CoreClientAuthMethod::ClientSecretBasic) {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        };
        let secret = Some(self.settings.client_secret.reveal()).filter(|text| !text.is_empty());
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.client_id.clone()),
            secret.map(|text| ClientSecret::new(text.to_owned())),
        )
        .set_redirect_uri(self.redirect()?)
        .set_auth_type(auth_type);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Wrong::Unreachable(error.into()))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier()));
        let tokens = request
            .request(&|request| self.send(request))
            .map_err(|error| Wrong::Token(error.to_string().into()))?;
        let token = tokens
            .id_token()
            .ok_or_else(|| Wrong::Token("there is no ID token".into()))?;
        let verifier = client.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EcdsaP384Sha384,
            CoreJwsSigningAlgorithm::EdDsa,
        ]);
        token
            .claims(&verifier, &Nonce::new(pending.nonce()))
            .map_err(|error| Wrong::Token(error.to_string().into()))?;
        // Verified: which claim has the role is a setting, so they are read by name.
        payload(&token.to_string()).map_err(Wrong::Token)
    }

    fn redirect(&self) -> Result<RedirectUrl, Wrong> {
        let address = format!("{}/api/v1/session/oidc/callback", self.settings.base);
        RedirectUrl::new(address).map_err(|error| Wrong::Unreachable(error.into()))
    }

    /// What the issuer has said of itself not long ago.
    fn known(&self) -> Result<CoreProviderMetadata, Wrong> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((at, metadata)) if at.elapsed() < KNOWN => Ok(metadata.clone()),
            _ => {
                drop(known);
                self.discover()
            }
        }
    }

    fn discover(&self) -> Result<CoreProviderMetadata, Wrong> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone());
        let issuer = issuer.map_err(|error| Wrong::Unreachable(error.into()))?;
        let metadata = CoreProviderMetadata::discover(&issuer, &|request| self.send(request));
        let metadata = metadata.map_err(|error| Wrong::Unreachable(error.to_string().into()))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    fn send(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, body);
        let answer = if request.body().is_empty() {
            self.agent.run(request.map(|_| ()))?
        } else {
            self.agent.run(request)?
        };
        let (parts, mut body) = answer.into_parts();
        let bytes = body.with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(parts, bytes))
    }
}

/// The claims of a token in its compact form.
fn payload(token: &str) -> Result<Map<String, Value>, Failed> {
    let part = token.split('.').nth(1).ok_or("a token without claims")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
}
