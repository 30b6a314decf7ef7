//! Texts that entries carry, kept once each.
//!
//! In: selectors, addresses and types of events. Out: small numbers that stand for them, so that an
//! entry is plain data that can be copied and forgotten. At most [`KEPT`] texts are kept: a page
//! that lives for days must not fill memory, so later ones are left out, as are empty ones.

/// How many texts are kept.
pub const KEPT: usize = 400;

/// Stands for a text in a [`Labels`]; the default stands for no text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Label(u32);

/// The texts.
#[derive(Clone, Debug, Default)]
pub struct Labels(Vec<String>);

impl Labels {
    /// The label of a text.
    pub fn keep(&mut self, text: &str) -> Label {
        if text.is_empty() {
            return Label::default();
        }
        let mut number = 0;
        for kept in &self.0 {
            number += 1;
            if kept == text {
                return Label(number);
            }
        }
        if self.0.len() == KEPT {
            return Label::default();
        }
        self.0.push(text.into());
        Label(number + 1)
    }

    /// The text of a label; empty for no text.
    #[must_use]
    pub fn text(&self, label: Label) -> &str {
        let index = (label.0 as usize).wrapping_sub(1);
        self.0.get(index).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_label_and_memory_is_bounded() {
        let mut labels = Labels::default();
        let [main, aside, again] = ["main", "aside", "main"].map(|text| labels.keep(text));
        assert_eq!(main, again);
        assert_eq!((labels.text(main), labels.text(aside)), ("main", "aside"));
        assert_eq!(labels.text(labels.clone().keep("")), "");
        for i in 0..2 * KEPT {
            labels.keep(&i.to_string());
        }
        assert_eq!(labels.0.len(), KEPT);
        assert_eq!(labels.text(labels.clone().keep("one too many")), "");
        assert_eq!(labels.text(main), "main");
    }
}
