//! Names an element so that a developer finds it and nobody is recognised by it.
//!
//! In: a trail, one line per element from the target upwards: tag, id and classes in order,
//! separated by tabs. Out: a selector such as `main>figure.hero>img` of bounded length. It must
//! never hold text of the page, and neither ids nor classes that look generated (they differ in
//! each build) or personal (they differ for each visitor).

use foresight_shared::limits;

use crate::text::{cut, field};

/// Classes that are kept of one element.
const CLASSES: usize = 3;

/// Bytes of a name that is kept. Longer ones are rarely written by people.
const NAME_BYTES: usize = 32;

/// The selector of a trail's first element; empty for an empty trail.
#[must_use]
pub fn of(trail: &str) -> String {
    let mut selector = String::new();
    let mut lines = trail;
    while !lines.is_empty() {
        let mut line = field(&mut lines, b'\n');
        let tag = field(&mut line, b'\t');
        let id = field(&mut line, b'\t');
        let first = selector.is_empty();
        if !first && (tag == "body" || tag == "html") {
            break;
        }
        let unique = is_lasting(id);
        let mut step = String::from(tag);
        if unique {
            step.push_str("#");
            step.push_str(id);
        } else {
            add_classes(&mut step, line);
        }
        if !first {
            step.push_str(">");
            step.push_str(&selector);
        }
        // Bytes are never fewer than characters, so this keeps to the limit in characters.
        if !first && step.len() > limits::SELECTOR_CHARS {
            break;
        }
        selector = step;
        if unique {
            break;
        }
    }
    cut(&selector, limits::SELECTOR_CHARS).into()
}

/// Adds the first lasting classes of an element.
fn add_classes(step: &mut String, classes: &str) {
    let mut rest = classes;
    let mut kept = 0;
    while !rest.is_empty() && kept < CLASSES {
        let class = field(&mut rest, b' ');
        if is_lasting(class) {
            step.push_str(".");
            step.push_str(class);
            kept += 1;
        }
    }
}

/// Whether an id or a class looks as if a person wrote it for every visitor. It does not if it is no
/// plain identifier, or if a part between hyphens looks like a hash or a number of something: three
/// digits or more, a digit before a letter (`3xK9d`), or capitals within few small letters twice
/// (`bdVaJa`).
fn is_lasting(name: &str) -> bool {
    let (mut digits, mut humps, mut part) = (0, 0, 0);
    // As if a digit stood before it: a name that begins with a digit has a part that does.
    let mut last = b'-';
    for byte in name.bytes() {
        part += 1;
        match byte {
            b'-' | b'_' => (digits, humps, part) = (0, 0, 0),
            b'0'..=b'9' => digits += 1,
            b'A'..=b'Z' | b'a'..=b'z' if last.is_ascii_digit() => return false,
            b'A'..=b'Z' if last.is_ascii_lowercase() => humps += 1,
            b'A'..=b'Z' | b'a'..=b'z' => {}
            _ => return false,
        }
        // Camel case has words, so its humps are further apart than those of a hash.
        if digits > 2 || (humps > 1 && part < 5 * humps) {
            return false;
        }
        last = byte;
    }
    let first = name.as_bytes().first();
    first.is_some_and(|byte| !byte.is_ascii_digit()) && name.len() <= NAME_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_built_from_the_target_upwards() {
        for (trail, expected) in [
            ("", ""),
            (
                "img\t\t\nfigure\t\thero\nmain\t\t\nbody\t\tdark\nhtml\t\t\n",
                "main>figure.hero>img",
            ),
            ("body\t\tdark\nhtml\t\t\n", "body.dark"),
            ("b\t\ta b z\n", "b.a.b.z"),
            ("b\t\ta b c d\n", "b.a.b.c"),
            ("b\t\ta css-1q2w3e c\n", "b.a.c"),
            ("i\t\t\nnav\ttop\tbar\nmain\t\t\n", "nav#top>i"),
            ("i\tuser-12345\tbar\n", "i.bar"),
        ] {
            assert_eq!(of(trail), expected, "{trail}");
        }
    }

    #[test]
    fn generated_and_personal_names_are_dropped() {
        for name in [
            "css-1q2w3e",
            "Hero_image__3xK9d",
            "sc-bdVaJa",
            "user-12345",
            "a@b.c",
            "md:w-1/2",
            ":r1:",
            "user_anna.smith",
            "123",
            "",
            "x-0b9f44a1",
            "order20261123",
            "1st",
        ] {
            assert!(!is_lasting(name), "{name}");
        }
        for name in [
            "hero",
            "btn-primary",
            "heroImageBox",
            "col-12",
            "h1",
            "step-2",
            "isActive",
        ] {
            assert!(is_lasting(name), "{name}");
        }
    }

    #[test]
    fn long_trails_stay_within_the_limit() {
        let selector = of(&"section\t\tabcdefghij-abcdefghij\n".repeat(20));
        assert!(selector.chars().count() <= limits::SELECTOR_CHARS);
        assert!(selector.starts_with("section.") && selector.ends_with("abcdefghij"));
        assert_eq!(of(&"é".repeat(500)).chars().count(), limits::SELECTOR_CHARS);
    }
}
