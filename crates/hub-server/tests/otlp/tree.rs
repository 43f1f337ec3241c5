//! What a collector was told, as a tree.

use crate::collector::Told;
use std::collections::BTreeMap;

/// The spans of one trace.
#[derive(Debug)]
pub(crate) struct Tree {
    spans: BTreeMap<Vec<u8>, Told>,
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Tree {
    /// Those of the trace with this id, in hexadecimal digits.
    pub(crate) fn of(spans: &[Told], trace: &str) -> Self {
        let own = spans.iter().filter(|told| hex(&told.span.trace_id) == trace);
        Self { spans: own.map(|told| (told.id(), told.clone())).collect() }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.spans.values().map(|told| told.span.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// The only span of that name.
    #[track_caller]
    pub(crate) fn one(&self, name: &str) -> &Told {
        let found: Vec<&Told> = self.spans.values().filter(|told| told.span.name == name).collect();
        assert_eq!(found.len(), 1, "{name} among {:?}", self.names());
        found[0]
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Told> {
        self.spans.values()
    }

    /// Spans whose parent is not there.
    pub(crate) fn roots(&self) -> Vec<&Told> {
        self.spans.values().filter(|told| !self.spans.contains_key(&told.span.parent_span_id)).collect()
    }

    /// Children of a span, in the order in which they began.
    pub(crate) fn children(&self, of: &Told) -> Vec<&Told> {
        let mut children: Vec<&Told> =
            self.spans.values().filter(|told| told.span.parent_span_id == of.span.span_id).collect();
        children.sort_by_key(|told| told.span.start_time_unix_nano);
        children
    }

    /// Names from a span up to where its trace begins.
    pub(crate) fn way_up(&self, from: &Told) -> Vec<String> {
        let mut way = vec![from.span.name.clone()];
        let mut at = from;
        while let Some(parent) = self.spans.get(&at.span.parent_span_id) {
            way.push(parent.span.name.clone());
            at = parent;
        }
        way
    }
}
