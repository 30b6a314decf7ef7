//! What made a vital's value: the element, the resource, the time and the parts.
//!
//! In: a value and the entry it came from. Out: the attribution that is sent. The parts of a value
//! are never negative and add up to it.

use foresight_shared::Part;

use crate::{
    event::Why,
    number::{positive, stretches},
    vitals::{cls::Shift, inp::Input, lcp::Paint, ttfb::Navigation},
};

/// The entry that a value came from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Culprit<'a> {
    /// None, or none that says more than the value.
    Nothing,
    /// The navigation, for the time to first byte.
    Request(&'a Navigation),
    /// The largest paint.
    Paint(&'a Paint),
    /// The first input, for its delay.
    FirstInput(&'a Input),
    /// The longest interaction.
    Interaction(&'a Input),
    /// The largest shift of the largest window.
    Shift(&'a Shift),
}

/// The attribution of `value`, in a view that began at `start` and whose first byte came at
/// `first_byte`.
#[must_use]
pub fn why(culprit: Culprit<'_>, value: f64, start: f64, first_byte: f64) -> Why {
    let end = f64::INFINITY;
    let mut why = Why::default();
    let (marks, origin) = match culprit {
        Culprit::Nothing => return why,
        Culprit::Request(request) => {
            why.parts = &[
                Part::Wait,
                Part::Cache,
                Part::Dns,
                Part::Connect,
                Part::Request,
            ];
            (
                [
                    request.fetch,
                    request.lookup,
                    request.connect,
                    request.connected,
                    end,
                ],
                start,
            )
        }
        Culprit::Paint(paint) => {
            why.element = paint.element;
            why.url = paint.url;
            why.parts = &[
                Part::FirstByte,
                Part::LoadDelay,
                Part::LoadTime,
                Part::RenderDelay,
            ];
            ([first_byte, paint.request, paint.loaded, end, end], start)
        }
        Culprit::FirstInput(input) => {
            why.element = input.element;
            why.kind = input.kind;
            return why;
        }
        Culprit::Interaction(input) => {
            why.element = input.element;
            why.kind = input.kind;
            why.at = Some(positive(input.start - start));
            why.parts = &[Part::InputDelay, Part::Processing, Part::Presentation];
            (
                [input.processing, input.processed, end, end, end],
                input.start,
            )
        }
        Culprit::Shift(shift) => {
            why.element = shift.element;
            why.at = Some(positive(shift.at - start));
            return why;
        }
    };
    why.ms = stretches(marks, origin, value);
    why
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Label;

    #[test]
    fn the_parts_of_a_request_add_up_and_count_from_the_activation() {
        let request = Navigation {
            fetch: 3.0,
            lookup: 5.0,
            connect: 20.0,
            connected: 80.0,
            response: 200.0,
        };
        let ms = |value, start| why(Culprit::Request(&request), value, start, 200.0).ms;
        assert_eq!(ms(200.0, 0.0), [3.0, 2.0, 15.0, 60.0, 120.0]);
        assert_eq!(ms(150.0, 50.0), [0.0, 0.0, 0.0, 30.0, 120.0]);
        assert_eq!(ms(0.0, 500.0), [0.0; 5]);
    }

    #[test]
    fn an_image_has_four_parts_and_text_has_no_load() {
        let image = Paint {
            at: 1700.0,
            request: 600.0,
            loaded: 1500.0,
            ..Paint::default()
        };
        let ms = |paint: Paint, value, start| why(Culprit::Paint(&paint), value, start, 200.0).ms;
        assert_eq!(ms(image, 1700.0, 0.0)[..4], [200.0, 400.0, 900.0, 200.0]);
        let text = Paint {
            at: 900.0,
            ..Paint::default()
        };
        assert_eq!(ms(text, 900.0, 0.0)[..4], [200.0, 0.0, 0.0, 700.0]);
        assert_eq!(ms(image, 0.0, 5000.0), [0.0; 5]);
    }

    #[test]
    fn an_interaction_has_three_parts_and_a_negative_delay_is_zero() {
        let input = Input {
            start: 1000.0,
            processing: 1012.0,
            processed: 1133.0,
            kind: Label(4),
            ..Input::default()
        };
        let reason = why(Culprit::Interaction(&input), 168.0, 100.0, 0.0);
        assert_eq!((reason.kind, reason.at), (Label(4), Some(900.0)));
        assert_eq!(reason.ms[..3], [12.0, 121.0, 35.0]);
        let early = Input {
            processing: 990.0,
            processed: 1005.0,
            ..input
        };
        assert_eq!(
            why(Culprit::Interaction(&early), 48.0, 0.0, 0.0).ms[..3],
            [0.0, 5.0, 43.0]
        );
    }
}
