//! The trace in the documents is one that this program made: of one event to one action.

use crate::collector::Told;
use crate::story::{HEARD, TAPPED, told};
use crate::tree::{Tree, hex};
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const JSON: &str = "traces/event-to-action.json";
const PAGE: &str = "OPERATIONS.md";

/// Names for ids, which are others in each run: in the order in which they are met.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(&mut self, kind: &str, id: &str) -> String {
        let next = format!("{kind}-{}", self.0.values().filter(|name| name.starts_with(kind)).count() + 1);
        self.0.entry(id.to_owned()).or_insert(next).clone()
    }

    /// A value, unless it is one of this run alone.
    fn value(&mut self, name: &str, value: &str) -> String {
        match name {
            "server.port" => "(a free port)".to_owned(),
            _ if uuid::Uuid::try_parse(value).is_ok() => self.of("id", value),
            _ => value.to_owned(),
        }
    }
}

/// Spans of a tree from the top down, with how deep each stands.
fn in_order<'t>(tree: &'t Tree, at: &'t Told, depth: usize, into: &mut Vec<(usize, &'t Told)>) {
    into.push((depth, at));
    for child in tree.children(at) {
        in_order(tree, child, depth + 1, into);
    }
}

fn kind(span: &Span) -> String {
    span.kind().as_str_name().trim_start_matches("SPAN_KIND_").to_lowercase()
}

fn shown(told: &Told, names: &mut Names) -> Value {
    let span = &told.span;
    let trace = names.of("trace", &hex(&span.trace_id));
    let own = names.of("span", &hex(&span.span_id));
    let parent = names.of("span", &hex(&span.parent_span_id));
    let links: Vec<Value> = span
        .links
        .iter()
        .map(|link| {
            let (trace, span) = (hex(&link.trace_id), hex(&link.span_id));
            json!({"trace_id": names.of("trace", &trace), "span_id": names.of("span", &span)})
        })
        .collect();
    let attributes: BTreeMap<String, String> = told
        .attributes()
        .into_iter()
        .map(|(name, value)| (name.clone(), names.value(&name, &value)))
        .collect();
    let mut shown = json!({
        "trace_id": trace, "span_id": own, "parent_span_id": parent, "name": span.name, "kind": kind(span),
        "program": told.process["hub.program"], "attributes": attributes,
    });
    if !links.is_empty() {
        shown["links"] = links.into();
    }
    shown
}

/// A line for each span, deeper ones further in.
fn drawn(spans: &[(usize, &Told)]) -> String {
    let mut text = String::new();
    for (depth, told) in spans {
        let name = format!("{}{}", "   ".repeat(*depth), told.span.name);
        let line = format!("{name:<46}{:<10}{}", kind(&told.span), told.process["hub.program"]);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

/// The page with this drawing in the place of the one that it has, behind where the JSON is linked.
fn redrawn(page: &str, drawing: &str) -> String {
    let (before, rest) = page.split_once(&format!("({JSON}))")).unwrap();
    let (between, rest) = rest.split_once("```text\n").unwrap();
    let (_, after) = rest.split_once("```").unwrap();
    format!("{before}({JSON})){between}```text\n{drawing}```{after}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documents_show_a_trace_that_this_program_makes() {
    let (told, _model) = told().await;
    let (mut spans, mut names, mut texts) = (Vec::new(), Names::default(), Vec::new());
    for trace in [HEARD, TAPPED] {
        let tree = Tree::of(&told, trace);
        let [root] = tree.roots()[..] else { panic!("{:?}", tree.names()) };
        let mut of_trace = Vec::new();
        in_order(&tree, root, 0, &mut of_trace);
        assert_eq!(of_trace.len(), tree.names().len());
        spans.extend(of_trace.iter().map(|(_, told)| shown(told, &mut names)));
        texts.push(drawn(&of_trace));
    }
    let json = serde_json::to_string_pretty(&json!({"spans": spans})).unwrap() + "\n";
    let page = std::fs::read_to_string(docs(PAGE)).unwrap();
    let with_drawing = redrawn(&page, &texts.join("\n"));
    // Written when `HUB_TEST_WRITE_DOCUMENTS` is set, and compared always.
    let write = std::env::var_os("HUB_TEST_WRITE_DOCUMENTS").is_some();
    for (name, made) in [(JSON, json), (PAGE, with_drawing)] {
        if write {
            std::fs::create_dir_all(docs("traces")).unwrap();
            std::fs::write(docs(name), &made).unwrap();
        }
        let committed = std::fs::read_to_string(docs(name)).unwrap_or_default();
        assert_eq!(committed, made, "docs/{name}: HUB_TEST_WRITE_DOCUMENTS=1 writes it anew");
    }
}
