//! The runner on a tiny crate of its own.

#![allow(clippy::unwrap_used)]

use super::*;
use std::fs;
use std::path::Path;

const SOURCE: &str = "pub fn may(consent: bool) -> bool { consent }\n\
    #[cfg(test)] mod tests {\n\
    #[test] fn nothing_without_consent() { assert!(!super::may(false)); }\n\
    #[test] fn with_consent() { assert!(super::may(true)); }\n}\n";

fn tiny(root: &Path) {
    let write = |file: &str, text: &str| fs::write(root.join(file), text).unwrap();
    fs::create_dir_all(root.join("src")).unwrap();
    write("Cargo.toml", "[package]\nname = \"tiny\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n");
    write("src/lib.rs", SOURCE);
    let git = crate::command::Run::new("git", &["init", "--quiet"]).folder(root).capture().unwrap();
    assert!(git.success, "{}", git.stderr);
}

fn patch(find: &str, replace: &str, test: &str) -> Patch {
    Patch {
        invariant: "I4".to_owned(),
        name: "consent-not-asked".to_owned(),
        why: "a person is recorded who did not agree".to_owned(),
        file: "src/lib.rs".to_owned(),
        find: find.to_owned(),
        replace: replace.to_owned(),
        package: "tiny".to_owned(),
        target: "lib".to_owned(),
        test: format!("tests::{test}"),
    }
}

#[test]
fn a_broken_build_is_proven_by_a_test_that_fails_and_by_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    tiny(&from);
    let copy = Copy::of(&from, &to).unwrap();
    let programs = Programs::new(&copy, &folder.path().join("target"));
    let told = |patch: &Patch| prove(&copy, &programs, patch).unwrap_err().to_string();

    let good = patch("{ consent }", "{ true | consent }", "nothing_without_consent");
    assert_eq!(prove(&copy, &programs, &good).unwrap(), Ending::Passed);
    assert_eq!(fs::read_to_string(to.join("src/lib.rs")).unwrap(), SOURCE, "the copy is mended");

    let blind = patch("{ consent }", "{ true | consent }", "with_consent");
    assert!(told(&blind).contains("does not catch this"));
    let syntax = patch("{ consent }", "{ consent + }", "nothing_without_consent");
    assert!(told(&syntax).contains("does not compile"));
    let absent = patch("{ consent }", "{ true | consent }", "no_such_test");
    assert!(told(&absent).contains("has not exactly one test"));
    let moved = patch("{ agreed }", "{ true }", "nothing_without_consent");
    assert!(told(&moved).contains("stands 0 times"));
}

#[test]
fn a_second_copy_removes_what_is_gone_and_leaves_what_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    tiny(&from);
    fs::write(from.join("old.txt"), "old").unwrap();
    Copy::of(&from, &to).unwrap();
    let before = fs::metadata(to.join("src/lib.rs")).unwrap().modified().unwrap();
    fs::remove_file(from.join("old.txt")).unwrap();
    Copy::of(&from, &to).unwrap();
    assert!(!to.join("old.txt").exists());
    assert_eq!(fs::metadata(to.join("src/lib.rs")).unwrap().modified().unwrap(), before);
}

#[test]
fn every_patch_of_the_tree_can_be_read_and_still_fits() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let patches = patch::read_all(&root.join("xtask/broken")).unwrap();
    assert!(!patches.is_empty());
    for patch in patches {
        let text = fs::read_to_string(root.join(&patch.file)).unwrap();
        assert_eq!(text.matches(&patch.find).count(), 1, "{}: `find` in {}", patch.name, patch.file);
    }
}
