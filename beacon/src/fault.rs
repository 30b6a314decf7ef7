//! Errors that no code of the page caught.
//!
//! In: message, script and line of `error` events and rejected promises. Out: error events, each
//! once per view and at most [`PER_VIEW`]: a page that fails in a loop must not flood anybody.

use foresight_shared::limits;

use crate::{encode, event::Event, label::Labels, text};

/// Errors that are told of one page view.
pub const PER_VIEW: usize = 10;

/// The errors that were told of a page view, as they were sent.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<String>);

impl Faults {
    /// The event to tell, as JSON, or none if it was told before, is one too many or says nothing.
    pub fn observe(&mut self, message: &str, source: &str, line: u32) -> Option<String> {
        let message = text::message(message, limits::MESSAGE_CHARS);
        if message.is_empty() || self.0.len() == PER_VIEW {
            return None;
        }
        let source = text::address(source, limits::URL_CHARS);
        let event = encode::event(
            &Event::Error {
                message: &message,
                source,
                line,
            },
            &Labels::default(),
        );
        if self.0.contains(&event) {
            return None;
        }
        self.0.push(event.clone());
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_once_and_at_most_ten_are() {
        let mut faults = Faults::default();
        let first = faults.observe("Uncaught Error: x", "https://a.b/c.js?v=1", 3);
        let expected = r#"{"error":{"message":"Error: x","source":"https://a.b/c.js","line":3}}"#;
        assert_eq!(first.as_deref(), Some(expected));
        assert_eq!(faults.observe("Error: x", "https://a.b/c.js?v=2", 3), None);
        assert_eq!(faults.observe("", "", 0), None);
        let told = (0..30).filter(|i| faults.observe(&format!("Error {i}"), "", 0).is_some());
        assert_eq!(told.count(), PER_VIEW - 1);
    }
}
