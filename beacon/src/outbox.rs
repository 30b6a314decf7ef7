//! Decides how many batches there are to post and numbers them.
//!
//! In: a view, and how many events wait on the page's side. Out: the numbers of batches to post; the
//! page's side writes them, fills them with what fits, and posts what was refused again, unchanged,
//! so that it is counted once. A view without news must never cost a request.

use foresight_shared::limits;

use crate::{event::Vital, view::View};

/// What of a batch the view knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    /// The batch's number within the view.
    pub seq: i32,
    /// Ms since the view's start.
    pub age: f64,
    /// The metrics that can be measured, as bits `1 << metric`; 0 if they were told before.
    pub can: i32,
    /// Whether the page is hidden or goes away, so that it cannot wait for the answer.
    pub leaving: bool,
}

/// The page's side, which keeps events and posts batches.
pub trait Page {
    /// Keeps a vital for the next batch.
    fn vital(&mut self, vital: &Vital);
    /// How many events wait.
    fn waiting(&self) -> i32;
    /// Posts a batch of events that wait, at least one if there is any.
    fn post(&mut self, head: Head);
}

/// Posts what waits: nothing if nothing does and the view is counted, more than one batch if it does
/// not fit into one.
pub fn send(view: &mut View, now: f64, leaving: bool, page: &mut dyn Page) {
    let age = (now - view.vitals.start) as i32;
    // A collector would refuse more: numbers that old were already reported.
    while (page.waiting() > 0 || view.told.seq == 0)
        && age <= limits::AGE_MS as i32
        && view.told.seq <= limits::SEQUENCE as i32
    {
        let can = view.introduce();
        page.post(Head {
            seq: view.told.seq,
            age: f64::from(age.max(0)),
            can,
            leaving,
        });
        view.told.seq += 1;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{view::tests::ALL, vitals::Vitals};

    /// A page that keeps what it is given; a batch holds at most two events.
    #[derive(Default)]
    pub(crate) struct Paper {
        pub(crate) waiting: i32,
        pub(crate) vitals: Vec<Vital>,
        pub(crate) posts: Vec<Head>,
    }

    impl Page for Paper {
        fn vital(&mut self, vital: &Vital) {
            self.vitals.push(*vital);
            self.waiting += 1;
        }
        fn waiting(&self) -> i32 {
            self.waiting
        }
        fn post(&mut self, head: Head) {
            self.posts.push(head);
            self.waiting = (self.waiting - 2).max(0);
        }
    }

    fn view() -> View {
        let vitals = Vitals::new(0.0, f64::INFINITY, false, 0.0);
        View::new(vitals, 0, ALL)
    }

    fn waiting(waiting: i32) -> Paper {
        Paper {
            waiting,
            ..Paper::default()
        }
    }

    #[test]
    fn a_view_is_counted_once_and_then_only_news_are_sent() {
        let (mut view, mut page) = (view(), waiting(0));
        send(&mut view, 1234.5, true, &mut page);
        send(&mut view, 1234.5, true, &mut page);
        page.waiting = 1;
        send(&mut view, 2000.0, false, &mut page);
        let told: Vec<_> = page.posts.iter().map(|p| (p.seq, p.age, p.can)).collect();
        assert_eq!(told, [(0, 1234.0, ALL), (1, 2000.0, 0)]);
    }

    #[test]
    fn events_that_do_not_fit_leave_with_further_batches() {
        let (mut view, mut page) = (view(), waiting(5));
        send(&mut view, 1.0, true, &mut page);
        let seqs: Vec<_> = page.posts.iter().map(|post| post.seq).collect();
        assert_eq!((seqs, page.waiting), (vec![0, 1, 2], 0));
    }

    #[test]
    fn nothing_is_sent_of_a_view_that_is_too_old_or_sent_too_often() {
        let mut page = waiting(1);
        let (mut old, mut busy) = (view(), view());
        old.vitals.start = -1e12;
        busy.told.seq = limits::SEQUENCE as i32 + 1;
        send(&mut old, 0.0, true, &mut page);
        send(&mut busy, 0.0, true, &mut page);
        assert_eq!(page.posts, []);
    }
}
