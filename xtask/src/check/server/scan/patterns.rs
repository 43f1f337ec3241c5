//! What a pattern decides: it names a variant, or holds a field to a value. Taking a field out by its
//! name decides nothing.

use super::super::rules::{FIELDS, VOCABULARY};
use syn::visit::{self, Visit};
use syn::{FieldPat, Member, Pat, Path};

/// A word by which a pattern decides: its line, the word, and why it does not belong there.
pub(super) type Word = (usize, &'static str, &'static str);

/// All such words of a pattern.
pub(super) fn words(pattern: &Pat) -> Vec<Word> {
    let mut found = Found(Vec::new());
    found.visit_pat(pattern);
    found.0
}

struct Found(Vec<Word>);

impl Found {
    fn look(&mut self, word: &proc_macro2::Ident, list: &[(&'static str, &'static str)]) {
        if let Some((rule, why)) = list.iter().find(|(rule, _)| word == *rule) {
            self.0.push((word.span().start().line, rule, why));
        }
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_field_pat(&mut self, field: &'ast FieldPat) {
        let taken = match &*field.pat {
            Pat::Ident(binding) => binding.subpat.is_none(),
            Pat::Wild(_) => true,
            _ => false,
        };
        if let Member::Named(name) = &field.member
            && !taken
        {
            self.look(name, FIELDS);
        }
        visit::visit_field_pat(self, field);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        for segment in &path.segments {
            self.look(&segment.ident, VOCABULARY);
        }
        visit::visit_path(self, path);
    }
}
