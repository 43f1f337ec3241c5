//! The drawing of the architecture, from a graph in a text file.

use crate::error::{Error, Naming, Result};
use crate::workspace::Workspace;
use layout::backends::svg::SVGWriter;
use layout::gv::{DotParser, GraphBuilder};
use std::fs;

/// The graph, in the language of Graphviz.
const GRAPH: &str = "docs/architecture.dot";
/// What is drawn of it.
pub(super) const DRAWING: &str = "docs/architecture.svg";

/// Draws it.
pub(super) fn draw(workspace: &Workspace) -> Result<String> {
    let path = workspace.root.join(GRAPH);
    let text = fs::read_to_string(&path).naming("read", &path)?;
    drawn(&text).map_err(|why| Error::Unreadable(format!("{GRAPH}: {why}")))
}

fn drawn(graph: &str) -> std::result::Result<String, String> {
    let graph = DotParser::new(graph).process()?;
    let mut builder = GraphBuilder::new();
    builder.visit_graph(&graph);
    let mut writer = SVGWriter::new();
    builder.get().do_it(false, false, false, &mut writer);
    let mut svg = writer.finalize();
    if !svg.ends_with('\n') {
        svg.push('\n');
    }
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::drawn;

    #[test]
    fn boxes_and_their_words_are_drawn_alike_each_time_and_what_is_no_graph_is_refused() {
        let graph = "digraph g { a [label=\"the hub\", shape=box]; b; a -> b [label=\"asks\"]; }";
        let svg = drawn(graph).unwrap_or_default();
        assert!(svg.starts_with("<?xml") && svg.contains("the hub") && svg.contains("asks"), "{svg}");
        assert_eq!(drawn(graph).as_ref(), Ok(&svg));
        assert!(drawn("digraph {").is_err());
    }
}
