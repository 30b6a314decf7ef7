//! Which records of the spool belong to a trace, until they are merged.
//!
//! In: what requests append, and stretches as they are merged. Out: a span of the merge in the trace of each batch
//! that is recorded. Kept in memory and bounded, not in the spool, whose format is durable: after a restart the merge
//! of what waited is in no trace. What must never happen: a merge costs more because nothing is traced.

use std::{
    hash::BuildHasher,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use foldhash::quality::RandomState;
use indexmap::IndexMap;
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanBuilder, SpanContext, Status, TraceContextExt, Tracer},
};

use super::{Inner, Step, Traces, recorded};

/// Records that are waited for at most; the oldest is forgotten.
const MOST: usize = 1_024;

/// The spans of requests, by the hash of what they appended.
#[derive(Default)]
pub(super) struct Waiting {
    hasher: RandomState,
    records: Mutex<IndexMap<u64, SpanContext>>,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, IndexMap<u64, SpanContext>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, payload: &[u8], of: SpanContext) -> u64 {
        let key = self.hasher.hash_one(payload);
        let mut records = self.lock();
        if records.len() >= MOST {
            records.shift_remove_index(0);
        }
        records.insert(key, of);
        key
    }

    fn find<'r>(&self, payloads: impl Iterator<Item = &'r [u8]>) -> Vec<(u64, SpanContext)> {
        let records = self.lock();
        if records.is_empty() {
            return Vec::new();
        }
        payloads
            .filter_map(|payload| {
                let key = self.hasher.hash_one(payload);
                Some((key, records.get(&key)?.clone()))
            })
            .collect()
    }

    fn remove(&self, key: u64) {
        self.lock().shift_remove(&key);
    }
}

/// A record that is being appended. Forgotten when dropped, unless it is [kept](Self::keep).
pub struct Awaited(Option<(Arc<Inner>, u64)>);

impl Awaited {
    /// Notes the record that this task's request is about to append, if that is recorded: it may be merged before the
    /// append is answered.
    #[must_use]
    pub fn record(payload: &[u8]) -> Self {
        Self(recorded().map(|(traces, context)| {
            let of = context.span().span_context().clone();
            let key = traces.waiting.add(payload, of);
            (traces, key)
        }))
    }

    /// It is appended, and will be merged.
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if let Some((traces, key)) = &self.0 {
            traces.waiting.remove(*key);
        }
    }
}

/// A merge, as it is seen in the traces of its records. If it is dropped before it is done, it has failed: then they
/// wait for the next one.
#[derive(Default)]
pub struct Merging {
    traces: Traces,
    parts: Vec<(u64, Context)>,
}

impl Traces {
    /// Begins a merge of these records.
    #[must_use]
    pub fn merging<'r>(&self, records: impl ExactSizeIterator<Item = &'r [u8]>) -> Merging {
        let Some(inner) = &self.0 else {
            return Merging::default();
        };
        let size = i64::try_from(records.len()).unwrap_or(i64::MAX);
        let span = |(key, of)| {
            let builder = SpanBuilder::from_name("merge")
                .with_attributes([KeyValue::new("foresight.records", size)]);
            let parent = Context::new().with_remote_span_context(of);
            let span = inner.tracer.build_with_context(builder, &parent);
            (key, Context::new().with_span(span))
        };
        Merging {
            traces: self.clone(),
            parts: inner.waiting.find(records).into_iter().map(span).collect(),
        }
    }
}

impl Merging {
    /// Begins a part of it, which ends when what is returned is dropped.
    #[must_use]
    pub fn step(&self, name: &'static str) -> Vec<Step> {
        let Some(inner) = &self.traces.0 else {
            return Vec::new();
        };
        let contexts = self.parts.iter().map(|(_, context)| context);
        contexts.map(|context| inner.step(name, context)).collect()
    }

    /// The database has it.
    pub fn done(mut self) {
        for (key, context) in self.parts.drain(..) {
            if let Some(inner) = &self.traces.0 {
                inner.waiting.remove(key);
            }
            let trace_id = context.span().span_context().trace_id();
            let _attached = context.clone().attach();
            tracing::debug!(%trace_id, "batch merged");
            context.span().end();
        }
    }
}

impl Drop for Merging {
    fn drop(&mut self) {
        for (_, context) in &self.parts {
            context.span().set_status(Status::error("merge failed"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_record_is_forgotten_for_one_too_many() {
        let waiting = Waiting::default();
        let payloads: Vec<_> = (0..=MOST).map(usize::to_be_bytes).collect();
        for payload in &payloads {
            waiting.add(payload, SpanContext::NONE);
        }
        let found = |payload: &[u8]| !waiting.find(std::iter::once(payload)).is_empty();
        assert_eq!(waiting.lock().len(), MOST);
        assert!(!found(&payloads[0]));
        assert!(found(&payloads[1]) && found(&payloads[MOST]));
    }

    #[test]
    fn a_record_that_is_not_appended_is_not_waited_for() {
        let traces = Arc::new(Inner::new(&crate::telemetry::export::unsent(
            &crate::telemetry::Settings::default(),
        )));
        let awaited = || {
            let key = traces.waiting.add(b"record", SpanContext::NONE);
            Awaited(Some((traces.clone(), key)))
        };
        drop(awaited());
        assert!(traces.waiting.lock().is_empty());
        awaited().keep();
        assert_eq!(traces.waiting.lock().len(), 1);
        let merging = Traces(Some(traces.clone())).merging(std::iter::once(&b"record"[..]));
        drop(merging);
        assert_eq!(
            traces.waiting.lock().len(),
            1,
            "a merge that failed comes again"
        );
        let merging = Traces(Some(traces.clone())).merging(std::iter::once(&b"record"[..]));
        merging.done();
        assert!(traces.waiting.lock().is_empty());
    }
}
