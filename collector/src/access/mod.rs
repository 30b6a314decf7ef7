//! Who may send for which site: signed tokens, public ones of sites and secret ones of servers, and
//! the list of revoked ones.
//!
//! In: a token's text. Out: the [`Claims`] that it proves. What must never happen: a token that we
//! did not sign, or have revoked, is believed; a key is printed.

mod key;
mod host;
mod signed;
mod token;
mod server;
mod ring;
mod revoked;
mod issue;

pub use host::{Host, HostError};
pub use issue::{IssueError, issue, snippet};
pub use key::{KeyError, TokenKey};
pub use revoked::Revoked;
pub use ring::TokenKeys;
pub use server::{ServerClaims, ServerToken};
pub use token::{Claims, Token, TokenError};
