//! The program is killed while an artifact arrives: what had come of it is gone when it runs again.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli_support;

use cli_support::{Folder, PATIENCE, Served};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Instant;

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let entries = entries.map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    files.filter(|file| !file.ends_with("home")).collect()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// Sends the head of a request and this much of its body.
fn send(hub: &Served, folder: &Folder, method: &str, path: &str, length: usize, sent: &[u8]) -> TcpStream {
    let token = std::fs::read_to_string(folder.path().join("owner.token")).unwrap();
    let mut stream = TcpStream::connect(hub.url().trim_start_matches("http://")).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-length: {length}\r\n\r\n",
        token.trim()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(sent).unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn killed(folder: &Folder, on: &Path, more: &[&str]) {
    let hub = folder.serve(more);
    let space = hub.said["space_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/artifacts?space_id={space}");
    let kept = answer(send(&hub, folder, "POST", &path, 9, b"the first"));
    assert!(kept.starts_with("HTTP/1.1 201"), "{kept}");
    let kept: Value = serde_json::from_str(kept.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let arriving = send(&hub, folder, "POST", &path, 1_000_000, &vec![7; 500_000]);
    until("bytes on their way in", || files(on).iter().any(|file| file.metadata().unwrap().len() > 400_000));
    // Dropped, it is killed without warning.
    drop(hub);
    drop(arriving);
    assert_eq!(files(on).len(), 2, "a process that was killed removes nothing");
    let hub = folder.serve(more);
    until("one file", || files(on).len() == 1);
    let path = format!("/v1/artifacts/{}", kept["artifact_id"].as_str().unwrap());
    let read = answer(send(&hub, folder, "GET", &path, 0, b""));
    assert!(read.ends_with("the first"), "{read}");
    let doctor =
        folder.json(&["doctor"].iter().chain(&more[..more.len().min(2)]).copied().collect::<Vec<_>>());
    let checks = doctor["checks"].as_array().unwrap().iter();
    let check = checks.clone().find(|check| check["name"] == "artifacts").unwrap();
    assert_eq!(check["state"], "good", "{check}");
}

#[test]
fn an_upload_of_a_program_that_was_killed_is_gone_at_its_next_start() {
    let folder = Folder::new();
    killed(&folder, &folder.path().join("artifacts"), &[]);
}

#[test]
fn so_it_is_on_postgresql_in_a_folder_that_hubs_share() {
    let Some(folder) = Folder::on_postgresql() else { return };
    let shared = tempfile::tempdir().unwrap();
    let named = shared.path().join("artifacts");
    killed(&folder, &named, &["--artifacts", named.to_str().unwrap()]);
    let elsewhere = folder.run(&["doctor", "--artifacts", folder.path().to_str().unwrap()]);
    assert!(elsewhere.code == 1 && elsewhere.out.contains("in a folder with the name"), "{elsewhere:?}");
}
