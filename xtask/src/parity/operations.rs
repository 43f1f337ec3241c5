//! Which operations there are, read in the sources: the core's sub-clients, and the table of the bindings.

use crate::error::{Error, Naming, Result};
use crate::workspace::Workspace;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::{ImplItem, Item, Type, Visibility};

/// Where the core names its sub-clients, and where their methods are.
const HUB: &str = "crates/hub-core/src/hub.rs";
const METHODS: &str = "crates/hub-core/src/hub";
/// Where operations get their names.
const TABLE: &str = "crates/hub-bindings/src/operations.rs";

/// The operations that bindings call by name.
pub(super) fn by_name(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let path = workspace.root.join(TABLE);
    let tokens = macro_tokens(&parse(&path)?, "operations");
    let names = tokens.map(texts).unwrap_or_default();
    if names.is_empty() { Err(none(&path, "operations! {…}")) } else { Ok(names) }
}

/// The operations of the core: `sub-client.method` for each that is public and async.
pub(super) fn of_core(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let path = workspace.root.join(HUB);
    let clients = macro_tokens(&parse(&path)?, "sub_clients").map(clients).unwrap_or_default();
    if clients.is_empty() {
        return Err(none(&path, "sub_clients! {…}"));
    }
    let mut found = BTreeSet::new();
    for file in sources(&workspace.root.join(METHODS))? {
        for item in parse(&file)?.items {
            found.extend(methods(&item, &clients));
        }
    }
    Ok(found)
}

fn parse(path: &Path) -> Result<syn::File> {
    let text = fs::read_to_string(path).naming("read", path)?;
    syn::parse_file(&text).map_err(|cause| Error::Unreadable(format!("{}: {cause}", path.display())))
}

fn none(path: &Path, what: &str) -> Error {
    Error::Unreadable(format!("{} has no {what}", path.display()))
}

/// What a macro of that name is called with.
fn macro_tokens(file: &syn::File, name: &str) -> Option<TokenStream> {
    file.items.iter().find_map(|item| match item {
        Item::Macro(call) if call.mac.path.is_ident(name) => Some(call.mac.tokens.clone()),
        _ => None,
    })
}

/// The texts among tokens.
fn texts(tokens: TokenStream) -> BTreeSet<String> {
    let text = |token: TokenTree| syn::parse2::<syn::LitStr>(token.into()).ok().map(|text| text.value());
    tokens.into_iter().filter_map(text).collect()
}

/// Types of sub-clients with the methods that give them: `agents -> Agents;`.
fn clients(tokens: TokenStream) -> BTreeMap<String, String> {
    let words: Vec<String> = tokens
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Ident(word) => Some(word.to_string()),
            _ => None,
        })
        .collect();
    let pair = |pair: &[String]| Some((pair.get(1)?.clone(), pair.first()?.clone()));
    words.chunks(2).filter_map(pair).collect()
}

fn methods(item: &Item, clients: &BTreeMap<String, String>) -> Vec<String> {
    let Item::Impl(block) = item else { return Vec::new() };
    let (None, Type::Path(of)) = (&block.trait_, block.self_ty.as_ref()) else { return Vec::new() };
    let client = of.path.get_ident().and_then(|name| clients.get(&name.to_string()));
    let Some(client) = client else { return Vec::new() };
    let public = block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) if matches!(method.vis, Visibility::Public(_)) => Some(&method.sig),
        _ => None,
    });
    public
        .filter(|method| method.asyncness.is_some())
        .map(|method| format!("{client}.{}", method.ident))
        .collect()
}

/// The sources in a folder and below.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).naming("read", folder)? {
        let path = entry.naming("read", folder)?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn public_methods_of_sub_clients_are_operations_and_nothing_else_is() {
        let clients = clients(quote! {
            /// Agents.
            agents -> Agents;
            consent -> Consents;
        });
        let blocks: Vec<syn::Result<Item>> = vec![
            syn::parse2(
                quote! { impl Agents { pub async fn get(&self) {} async fn own(&self) {} pub fn now(&self) {} } },
            ),
            syn::parse2(
                quote! { impl Consents { pub(crate) async fn near(&self) {} pub async fn grant(&self) {} } },
            ),
            syn::parse2(quote! { impl Hub { pub async fn open(&self) {} } }),
            syn::parse2(quote! { impl Debug for Agents { fn fmt(&self) {} } }),
        ];
        let blocks = blocks.into_iter().flatten();
        let found: Vec<String> = blocks.flat_map(|block| methods(&block, &clients)).collect();
        assert_eq!(found, ["agents.get", "consent.grant"]);
    }

    #[test]
    fn names_are_the_texts_of_the_table() {
        let names = texts(quote! { "agents.get" => things::get, "audit.verify" => deeds::verify, });
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["agents.get", "audit.verify"]);
    }
}
