//! Leads and conversions that the page saw. Only the platform's servers confirm them.
//!
//! In: names that the page's author chose. Out: events. What a visitor typed must never be handed
//! in; names are cut to a length that holds no message.

use foresight_shared::limits;

use crate::{event::Event, text};

/// Somebody left their details in `form`, which may be empty.
#[must_use]
pub fn lead(form: &str) -> Event<'_> {
    Event::Lead {
        form: text::name(form, limits::NAME_CHARS),
    }
}

/// The goal `name` was reached. None without a name.
#[must_use]
pub fn conversion(name: &str) -> Option<Event<'_>> {
    let name = text::name(name, limits::NAME_CHARS);
    (!name.is_empty()).then_some(Event::Conversion { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_needs_no_name_and_a_conversion_does() {
        assert!(matches!(lead(" table "), Event::Lead { form: "table" }));
        assert!(matches!(lead(""), Event::Lead { form: "" }));
        assert!(matches!(
            conversion("booking"),
            Some(Event::Conversion { name: "booking" })
        ));
        assert!(conversion(" ").is_none());
    }
}
