//! Issues a site's token, with the line to paste into its pages.

use foresight_shared::limits;

use super::{Claims, Host, HostError, Token, TokenKey};

/// Longest template or build, so that a token stays within its limit.
const WORD_CHARS: usize = 64;

/// Why no token is issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The host is not one.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A word is empty, too long, or has control characters.
    #[error("{0} must have 1 to {WORD_CHARS} characters, none of them a control character")]
    Word(&'static str),
    /// Characters of many bytes, or that JSON escapes: such a token would be refused with each batch.
    #[error(
        "host, template and build are too long together: the token would have {0} characters, at most {max} are allowed",
        max = limits::TOKEN_CHARS
    )]
    TooLong(usize),
}

impl IssueError {
    /// The field that is wrong.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Host(_) | Self::TooLong(_) => "host",
            Self::Word(word) => word,
        }
    }
}

/// Signs a token for a site.
///
/// # Errors
/// If an argument is not allowed.
pub fn issue(
    key: &TokenKey,
    host: &str,
    template: Option<&str>,
    build: Option<&str>,
    issued_s: i64,
) -> Result<(Host, Token), IssueError> {
    let host: Host = host.parse()?;
    for (name, word) in [("template", template), ("build", build)] {
        let fits = |word: &str| {
            (1..=WORD_CHARS).contains(&word.chars().count()) && !word.chars().any(char::is_control)
        };
        if word.is_some_and(|word| !fits(word)) {
            return Err(IssueError::Word(name));
        }
    }
    let claims = Claims {
        host,
        template: template.map(str::to_owned),
        build: build.map(str::to_owned),
        issued_s,
    };
    let token = Token::sign(&claims, key);
    let chars = token.as_str().len();
    if chars > limits::TOKEN_CHARS {
        return Err(IssueError::TooLong(chars));
    }
    Ok((claims.host, token))
}

/// The line to paste into each page's head. `base` is the address of the public listener, without a final
/// slash.
#[must_use]
pub fn snippet(base: &str, token: &str) -> String {
    format!("<script async src=\"{base}/beacon.js\" data-site=\"{token}\"></script>")
}
