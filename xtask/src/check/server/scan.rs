//! Reads one source file and finds what does not belong there.

mod patterns;

use super::rules::{DECISIONS, DRIVERS, FIELDS, PREDICATES, VOCABULARY};
use super::sql;
use crate::error::{Error, Result};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::fmt;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{BinOp, UnOp};

/// One thing that does not belong there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// The file, from the workspace's root.
    pub(crate) file: String,
    /// The line, from 1; 0 for the whole file.
    pub(crate) line: usize,
    /// The word that gave it away.
    pub(crate) rule: &'static str,
    /// Why it does not belong there.
    pub(crate) why: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.rule, self.why)
    }
}

/// All findings of a file, in order of lines, each once.
pub(crate) fn file(name: &str, text: &str) -> Result<Vec<Finding>> {
    let parsed = syn::parse_file(text).map_err(|cause| Error::Unreadable(format!("{name}: {cause}")))?;
    let mut scan = Scan { file: name, findings: Vec::new() };
    scan.visit_file(&parsed);
    scan.findings.sort();
    scan.findings.dedup();
    Ok(scan.findings)
}

struct Scan<'a> {
    file: &'a str,
    findings: Vec<Finding>,
}

impl Scan<'_> {
    fn add(&mut self, line: usize, rule: &'static str, why: impl Into<String>) {
        self.findings.push(Finding { file: self.file.to_owned(), line, rule, why: why.into() });
    }

    /// Tokens that decide something: a condition, a pattern, an operand.
    fn deciding(&mut self, tokens: &impl ToTokens) {
        self.deciding_tokens(tokens.to_token_stream());
    }

    fn deciding_pattern(&mut self, pattern: &syn::Pat) {
        for (line, rule, why) in patterns::words(pattern) {
            self.add(line, rule, why);
        }
    }

    fn deciding_tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.deciding_tokens(group.stream()),
                TokenTree::Ident(word) => {
                    let line = word.span().start().line;
                    let known = VOCABULARY.iter().chain(FIELDS).find(|(rule, _)| word == *rule);
                    if let Some((rule, why)) = known {
                        self.add(line, rule, *why);
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn text(&mut self, text: &str, line: usize) {
        if let Some(words) = sql::found(text) {
            self.add(line, "SQL", format!("{words}: only hub-core's store speaks SQL"));
        }
    }

    /// Texts in tokens that are no Rust expression, such as the rules of a macro.
    fn texts(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.texts(group.stream()),
                TokenTree::Literal(literal) => {
                    let line = literal.span().start().line;
                    self.text(&literal.to_string(), line);
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Scan<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        // Documentation may speak of SQL; other attributes hold no decision.
        if attribute.path().is_ident("path") {
            self.add(
                attribute.pound_token.span.start().line,
                "path",
                "sources of another crate are not its public API",
            );
        }
    }

    fn visit_expr_if(&mut self, node: &'ast syn::ExprIf) {
        self.deciding(&node.cond);
        visit::visit_expr_if(self, node);
    }

    fn visit_expr_while(&mut self, node: &'ast syn::ExprWhile) {
        self.deciding(&node.cond);
        visit::visit_expr_while(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast syn::ExprMatch) {
        self.deciding(&node.expr);
        for arm in &node.arms {
            self.deciding_pattern(&arm.pat);
        }
        visit::visit_expr_match(self, node);
    }

    fn visit_expr_let(&mut self, node: &'ast syn::ExprLet) {
        self.deciding_pattern(&node.pat);
        visit::visit_expr_let(self, node);
    }

    fn visit_local(&mut self, node: &'ast syn::Local) {
        // `let … else` decides by its pattern.
        if node.init.as_ref().is_some_and(|init| init.diverge.is_some()) {
            self.deciding_pattern(&node.pat);
        }
        visit::visit_local(self, node);
    }

    fn visit_expr_binary(&mut self, node: &'ast syn::ExprBinary) {
        if compares(&node.op) {
            self.deciding(node);
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast syn::ExprUnary) {
        if matches!(node.op, UnOp::Not(_)) {
            self.deciding(&node.expr);
        }
        visit::visit_expr_unary(self, node);
    }

    fn visit_expr_method_call(&mut self, node: &'ast syn::ExprMethodCall) {
        if PREDICATES.iter().any(|name| node.method == *name) {
            self.deciding(node);
        } else if node.method == "then" || node.method == "then_some" {
            self.deciding(&node.receiver);
        }
        visit::visit_expr_method_call(self, node);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter();
        if segments.next().is_some_and(|first| first.ident == "hub_core") {
            for segment in segments {
                if let Some(rule) = DECISIONS.iter().find(|name| segment.ident == **name) {
                    self.add(
                        segment.ident.span().start().line,
                        rule,
                        "a decision that the core takes for itself",
                    );
                }
            }
        }
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, node: &'ast syn::ItemUse) {
        self.used(&node.tree, 0, false);
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.text(&literal.value(), literal.span().start().line);
    }

    fn visit_macro(&mut self, node: &'ast syn::Macro) {
        let name = node.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let line = node.bang_token.span.start().line;
        if name == "include" {
            self.add(line, "include", "sources of another crate are not its public API");
        }
        if name == "matches" {
            self.deciding_tokens(node.tokens.clone());
        }
        if let Ok(arguments) = node.parse_body_with(Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated)
        {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
        } else if let Ok(statements) = node.parse_body_with(syn::Block::parse_within) {
            statements.iter().for_each(|statement| self.visit_stmt(statement));
        } else {
            self.texts(node.tokens.clone());
        }
    }
}

impl Scan<'_> {
    /// Follows `use hub_core::…` into its decisions, and finds drivers.
    fn used(&mut self, tree: &syn::UseTree, depth: usize, core: bool) {
        let mut judge = |word: &proc_macro2::Ident| {
            let line = word.span().start().line;
            if depth == 0 && DRIVERS.iter().any(|driver| word == &driver.replace('-', "_")) {
                self.add(line, "driver", "only hub-core talks to the database");
            }
            if let Some(rule) = DECISIONS.iter().find(|name| core && word == **name) {
                self.add(line, rule, "a decision that the core takes for itself");
            }
        };
        match tree {
            syn::UseTree::Path(path) => {
                judge(&path.ident);
                let core = core || (depth == 0 && path.ident == "hub_core");
                self.used(&path.tree, depth + 1, core);
            }
            syn::UseTree::Name(name) => judge(&name.ident),
            syn::UseTree::Rename(rename) => judge(&rename.ident),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.used(item, depth, core));
            }
            syn::UseTree::Glob(_) => {}
        }
    }
}

fn compares(op: &BinOp) -> bool {
    use BinOp::{And, Eq, Ge, Gt, Le, Lt, Ne, Or};
    matches!(op, And(_) | Eq(_) | Ge(_) | Gt(_) | Le(_) | Lt(_) | Ne(_) | Or(_))
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(node) => &node.attrs,
        syn::Item::Impl(node) => &node.attrs,
        syn::Item::Mod(node) => &node.attrs,
        syn::Item::Use(node) => &node.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]`, `#[test]` and the tests of runtimes, such as `#[tokio::test]`.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let cfg = attribute.path().is_ident("cfg");
        let only_test = || attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"));
        (cfg && only_test()) || attribute.path().segments.last().is_some_and(|last| last.ident == "test")
    })
}

#[cfg(test)]
mod tests;
