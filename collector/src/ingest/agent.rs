//! What user agents say, remembered: reading one takes longer than everything else in a request, and
//! there are few different ones.
//!
//! In: the text of a `User-Agent` header. Out: robot, device and browser. What must never happen:
//! memory grows with the texts that somebody invents.

use std::sync::{Arc, LazyLock};

use quick_cache::sync::Cache;

use super::{bot, client};
use crate::event::Device;

/// User agents that are remembered: more than a large fleet sees in a day.
const REMEMBERED: usize = 4096;

/// Longer ones are read each time. Browsers send about 120 bytes, apps up to 300.
const LONGEST: usize = 512;

/// What a user agent says.
#[derive(Debug)]
pub(super) struct Agent {
    /// The robot's name in our list.
    pub bot: Option<&'static str>,
    /// Whether it is a browser without a window.
    pub headless: bool,
    /// The device's class.
    pub device: Device,
    /// The browser's family, or `unknown`.
    pub browser: String,
}

impl Agent {
    fn read(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let (device, browser) = client::classify(text);
        Self {
            headless: bot::is_headless(&lower),
            bot: bot::listed(lower),
            device,
            browser,
        }
    }

    /// What this text says.
    pub(super) fn of(text: &str) -> Arc<Self> {
        static KNOWN: LazyLock<Cache<String, Arc<Agent>>> =
            LazyLock::new(|| Cache::new(REMEMBERED));
        if let Some(known) = KNOWN.get(text) {
            return known;
        }
        let read = Arc::new(Self::read(text));
        if text.len() <= LONGEST {
            KNOWN.insert(text.to_owned(), read.clone());
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remembered_user_agent_says_what_it_said_at_first() {
        let phone = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36";
        let robot = "AdsBot-Google (+http://www.google.com/adsbot.html)";
        let long = format!("{robot}{}", "x".repeat(LONGEST));
        for _ in 0..2 {
            let said = Agent::of(phone);
            assert_eq!((said.device, &*said.browser), (Device::Phone, "Chrome"));
            assert_eq!((said.bot, said.headless), (None, false));
            assert_eq!(Agent::of(robot).bot, Some("adsbot"));
            assert_eq!(Agent::of(&long).bot, Some("adsbot"));
        }
        assert!(Arc::ptr_eq(&Agent::of(phone), &Agent::of(phone)));
        assert!(!Arc::ptr_eq(&Agent::of(&long), &Agent::of(&long)));
    }
}
