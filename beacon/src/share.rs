//! Shares: a visitor passes a link to the site on.
//!
//! In: the channel, and the id that the loader has put into the link. Out: a share event that names
//! the share which had brought this visitor. The link itself is never sent.

use foresight_shared::limits;

use crate::{event::Event, text};

/// A share through `channel` of the link with `id`; `parent` is empty if no share had brought the
/// visitor. None if the id is no id. A share without a channel's name has the channel `other`.
#[must_use]
pub fn share<'a>(channel: &'a str, id: &'a str, parent: &'a str) -> Option<Event<'a>> {
    let name = text::name(channel, limits::NAME_CHARS);
    let channel = if name.is_empty() { "other" } else { name };
    limits::is_id(id).then_some(Event::Share {
        channel,
        id,
        parent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_a_channel_and_a_valid_id() {
        for (channel, expected) in [(" email ", "email"), ("", "other")] {
            let event = share(channel, "pR7mYc2LzA", "kT3vQx9bW1");
            let Some(Event::Share {
                channel,
                id,
                parent,
            }) = event
            else {
                panic!("{event:?}")
            };
            assert_eq!(
                (channel, id, parent),
                (expected, "pR7mYc2LzA", "kT3vQx9bW1")
            );
        }
        assert!(share("email", "no id", "").is_none());
        assert!(share("email", "", "").is_none());
    }
}
