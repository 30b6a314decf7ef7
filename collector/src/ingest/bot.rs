//! Which visitors are robots, by what they say of themselves.
//!
//! In: the headers. Out: the name under which a robot is counted. What must never happen: a name
//! that the sender invents, or a visitor who says nothing is taken for a robot. A robot that hides
//! is counted as a visitor; nothing in a request would tell.

use std::sync::LazyLock;

use axum::http::{HeaderMap, header};

use super::agent::Agent;

/// The name of browsers without a window, which tests and scrapers use.
const HEADLESS: &str = "headless";
/// What such a browser calls itself (<https://developer.chrome.com/docs/chromium/headless>).
const HEADLESS_BRAND: &str = "headlesschrome";

static LIST: LazyLock<List> = LazyLock::new(|| List::of(include_str!("bots.txt")));

/// What tells robots from visitors.
#[derive(Clone, Copy, Debug)]
pub struct Bots {
    /// Whether browsers without a window are visitors: for tests with such a browser.
    pub headless_are_visitors: bool,
}

impl Bots {
    /// The robot's name in our list, or `None` for a visitor.
    pub(super) fn name_of(self, headers: &HeaderMap) -> Option<&'static str> {
        let agent = Agent::of(text(headers, header::USER_AGENT.as_str()));
        let headless =
            agent.headless || is_headless(&text(headers, "sec-ch-ua").to_ascii_lowercase());
        if headless && !self.headless_are_visitors {
            return Some(HEADLESS);
        }
        agent.bot
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// Whether a user agent or a list of brands, in lower case, is that of a browser without a window.
pub(super) fn is_headless(lower: &str) -> bool {
    lower.contains(HEADLESS_BRAND)
}

/// The name in our list of a user agent in lower case.
pub(super) fn listed(lower: String) -> Option<&'static str> {
    LIST.find(lower)
}

/// The patterns of `bots.txt`, in lower case.
struct List {
    patterns: Vec<&'static str>,
    exceptions: Vec<&'static str>,
}

impl List {
    fn of(text: &'static str) -> Self {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (exceptions, patterns) = lines.partition::<Vec<_>, _>(|line| line.starts_with('!'));
        let exceptions = exceptions
            .into_iter()
            .map(|line| line.trim_start_matches('!'));
        Self {
            patterns,
            exceptions: exceptions.collect(),
        }
    }

    /// The longest pattern in the user agent: `adsbot` says more than `bot`.
    fn find(&self, mut agent: String) -> Option<&'static str> {
        for exception in &self.exceptions {
            if agent.contains(exception) {
                agent = agent.replace(exception, "");
            }
        }
        let found = self.patterns.iter().filter(|part| agent.contains(**part));
        found.max_by_key(|part| part.len()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Bots = Bots {
        headless_are_visitors: false,
    };

    fn headers(agent: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, agent.parse().unwrap());
        headers
    }

    #[test]
    fn the_list_is_in_lower_case_without_repeats() {
        let mut patterns = LIST.patterns.clone();
        assert!(patterns.len() > 30);
        patterns.sort_unstable();
        patterns.dedup();
        assert_eq!(patterns.len(), LIST.patterns.len());
        for line in patterns.iter().chain(&LIST.exceptions) {
            assert_eq!(*line, line.to_lowercase());
            assert!(line.len() >= 3, "{line} is in half of all user agents");
        }
    }

    #[test]
    fn robots_are_known_by_their_names_and_visitors_are_not() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        for (agent, name) in [
            (chrome, None),
            ("", None),
            (
                "Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
                None,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 YaBrowser/25.10 Yowser/2.5 Safari/537.36",
                None,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22A3354 Instagram 350.0.0.0 [FBAN/FBIOS]",
                None,
            ),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/156.0.0.0 Safari/537.36",
                Some("bot"),
            ),
            (
                "AdsBot-Google (+http://www.google.com/adsbot.html)",
                Some("adsbot"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 11; moto g power) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse",
                Some("lighthouse"),
            ),
            ("Mozilla/5.0 (compatible; Baiduspider/2.0)", Some("spider")),
            (
                "Mozilla/5.0 HeadlessChrome/156.0.0.0 Safari/537.36",
                Some("headless"),
            ),
        ] {
            assert_eq!(STRICT.name_of(&headers(agent)), name, "{agent}");
        }
        assert_eq!(STRICT.name_of(&HeaderMap::new()), None);
    }

    #[test]
    fn a_headless_browser_is_known_by_its_brands_too_and_may_be_a_visitor() {
        let mut headers = headers("Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36");
        let brands = "\"HeadlessChrome\";v=\"156\", \"Chromium\";v=\"156\"";
        headers.insert("sec-ch-ua", brands.parse().unwrap());
        assert_eq!(STRICT.name_of(&headers), Some("headless"));
        let lenient = Bots {
            headless_are_visitors: true,
        };
        assert_eq!(lenient.name_of(&headers), None);
    }
}
