//! Artifacts over a socket: as bytes on their way in and out, and as what a client does to them.

use super::harness::{ADMIN, Database, Reply, Server, id, on_both_databases, until};
use super::world::{World, of};
use hub_server::server::Settings;
use reqwest::header::HeaderMap;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const WAVE: &[u8] = b"RIFF\x24\0\0\0WAVEfmt ";

on_both_databases! {
    an_artifact_is_handed_in_and_saved_again
    ranges_are_answered
    a_page_is_never_shown
    what_may_not_be_kept_is_refused_before_its_bytes_are_asked_for
    a_connection_that_breaks_leaves_nothing
    privacy_ends_an_upload_that_is_silent
    a_body_of_unstated_length_has_the_same_bound
    wrong_queries_name_the_field
}

async fn hand_in(server: &Server, path: &str, token: &str, media_type: &str, bytes: Vec<u8>) -> Reply {
    let request = server.client.post(format!("{}{path}", server.url)).bearer_auth(token);
    let response = request.header("content-type", media_type).body(bytes).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    Reply { status, headers, text, body }
}

async fn fetch(
    server: &Server,
    path: &str,
    token: &str,
    range: &[(&str, &str)],
) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = server.client.get(format!("{}{path}", server.url)).bearer_auth(token);
    for (name, value) in range {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

fn at(world: &World) -> String {
    format!("/v1/artifacts?space_id={}", world.space)
}

fn picture(length: usize) -> Vec<u8> {
    let noise = (0..length).map(|n| u8::try_from((n * n / 7 + n) % 251).unwrap());
    PNG.iter().copied().chain(noise).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn blobs(server: &Server) -> Vec<PathBuf> {
    let mut files = files(&server.folder.path().join("artifacts"));
    files.retain(|file| !file.ends_with("home"));
    files
}

async fn start(database: &Database) -> (Server, World) {
    let server = Server::start_on(database, Settings::default(), |builder| builder).await;
    let world = World::make(&server, "rules").await;
    (server, world)
}

async fn an_artifact_is_handed_in_and_saved_again(database: Database) {
    let (server, world) = start(&database).await;
    let bytes = picture(3_000_000);
    let reply = hand_in(&server, &at(&world), &world.device, "text/html", bytes.clone()).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let artifact = reply.body;
    assert_eq!((&artifact["media_type"], &artifact["size"]), (&json!("image/png"), &json!(bytes.len())));
    let path = format!("/v1/artifacts/{}", id(&artifact, "artifact_id"));
    let (status, headers, read) = fetch(&server, &path, &world.owner, &[]).await;
    assert_eq!(status, 200);
    assert!(read == bytes);
    assert_eq!(headers["content-type"], "image/png");
    assert_eq!(headers["content-length"], bytes.len().to_string());
    assert_eq!(headers["etag"], format!("\"{}\"", id(&artifact, "digest")));
    let listed = server.get(&of(&world.agent, "artifacts"), &world.owner).await;
    assert_eq!(listed["items"], json!([artifact]));
    assert_eq!(server.call("DELETE", &path, &world.owner, None).await.status, 204);
    assert!(blobs(&server).is_empty());
    server.call("GET", &path, &world.owner, None).await.problem(404, "unknown_artifact");
}

async fn ranges_are_answered(database: Database) {
    let (server, world) = start(&database).await;
    let bytes = picture(600_000);
    let artifact = hand_in(&server, &at(&world), &world.owner, "image/png", bytes.clone()).await.body;
    let path = format!("/v1/artifacts/{}", id(&artifact, "artifact_id"));
    let (size, etag) = (bytes.len(), format!("\"{}\"", id(&artifact, "digest")));
    for (range, first, last) in
        [("bytes=0-9", 0, 9), ("bytes=300000-", 300_000, size - 1), ("bytes=-7", size - 7, size - 1)]
    {
        let (status, headers, read) = fetch(&server, &path, &world.owner, &[("range", range)]).await;
        assert_eq!((status, read.as_slice()), (206, &bytes[first..=last]), "{range}");
        assert_eq!(headers["content-range"], format!("bytes {first}-{last}/{size}"));
    }
    let (status, headers, _) = fetch(&server, &path, &world.owner, &[("range", "bytes=9999999-")]).await;
    assert_eq!(
        (status, headers["content-range"].to_str().unwrap()),
        (416, format!("bytes */{size}").as_str())
    );
    // What changed since, and what is not understood, is answered whole.
    for headers in [
        &[("range", "bytes=0-9"), ("if-range", "\"another\"")][..],
        &[("range", "bytes=0-9,20-29")],
        &[("range", "lines=0-9")],
    ] {
        assert_eq!(fetch(&server, &path, &world.owner, headers).await.0, 200, "{headers:?}");
    }
    let unchanged = [("range", "bytes=0-9"), ("if-range", etag.as_str())];
    assert_eq!(fetch(&server, &path, &world.owner, &unchanged).await.0, 206);
}

async fn a_page_is_never_shown(database: Database) {
    let (server, world) = start(&database).await;
    for page in
        ["<!DOCTYPE html><script>alert(1)</script>", "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"]
    {
        let reply = hand_in(&server, &at(&world), &world.owner, "text/html", page.as_bytes().to_vec()).await;
        let path = format!("/v1/artifacts/{}", id(&reply.body, "artifact_id"));
        for range in [&[][..], &[("range", "bytes=0-3")]] {
            let (_, headers, _) = fetch(&server, &path, &world.owner, range).await;
            assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment;"));
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert!(
                headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'; sandbox")
            );
            assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
            assert_eq!(headers["cache-control"], "private, no-store");
        }
    }
}

/// Sends the head of an upload that waits to be told to go on; answers what is said to it.
async fn ask(server: &Server, path: &str, token: &str, media_type: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {token}\r\ncontent-type: {media_type}\r\n\
         content-length: 100000\r\nexpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut said = vec![0; 4_096];
    let length = stream.read(&mut said).await.unwrap();
    said.truncate(length);
    (stream, String::from_utf8(said).unwrap())
}

async fn what_may_not_be_kept_is_refused_before_its_bytes_are_asked_for(database: Database) {
    let (server, world) = start(&database).await;
    let (_, said) = ask(&server, &at(&world), &world.owner, "audio/wav").await;
    assert!(said.starts_with("HTTP/1.1 400") && said.contains("person_required"), "{said}");
    let reply = hand_in(&server, &at(&world), &world.owner, "image/png", [WAVE, &[7; 50_000]].concat()).await;
    reply.problem(400, "person_required");
    let person = server.post(&of(&world.agent, "people"), ADMIN, json!({"name": "Anna"})).await;
    let with = format!("{}&person_ids={}", at(&world), id(&person, "person_id"));
    let (_, said) = ask(&server, &with, &world.owner, "video/mp4").await;
    assert!(said.starts_with("HTTP/1.1 403") && said.contains("no_consent"), "{said}");
    hand_in(&server, &with, &world.owner, "", [WAVE, &[7; 50_000]].concat()).await;
    let space = format!("/v1/spaces/{}", world.space);
    server.call("PATCH", &space, &world.owner, Some(json!({"privacy_mode": true}))).await;
    let (_, said) = ask(&server, &at(&world), &world.owner, "image/png").await;
    assert!(said.starts_with("HTTP/1.1 403") && said.contains("space_private"), "{said}");
    hand_in(&server, &at(&world), &world.owner, "image/png", picture(50_000))
        .await
        .problem(403, "space_private");
    assert!(!server.folder.path().join("artifacts").exists());
    server.call("PATCH", &space, &world.owner, Some(json!({"privacy_mode": false}))).await;
    let (_, said) = ask(&server, &at(&world), &world.owner, "image/png").await;
    assert!(said.starts_with("HTTP/1.1 100"), "{said}");
}

async fn a_connection_that_breaks_leaves_nothing(database: Database) {
    let (server, world) = start(&database).await;
    for sent in [10, 5_000, 90_000] {
        let (mut stream, _) = ask(&server, &at(&world), &world.owner, "image/png").await;
        stream.write_all(&picture(100_000)[..sent]).await.unwrap();
        if sent > 8_192 {
            until("bytes on their way in", async || (!blobs(&server).is_empty()).then_some(())).await;
        }
        drop(stream);
        until("a folder without blobs", async || blobs(&server).is_empty().then_some(())).await;
    }
    assert_eq!(server.get(&of(&world.agent, "artifacts"), &world.owner).await["items"], json!([]));
}

async fn privacy_ends_an_upload_that_is_silent(database: Database) {
    let (server, world) = start(&database).await;
    let (mut stream, _) = ask(&server, &at(&world), &world.owner, "image/png").await;
    stream.write_all(&picture(100_000)[..50_000]).await.unwrap();
    until("bytes on their way in", async || (!blobs(&server).is_empty()).then_some(())).await;
    let space = format!("/v1/spaces/{}", world.space);
    server.call("PATCH", &space, &world.owner, Some(json!({"privacy_mode": true}))).await;
    let gone = until("a folder without blobs", async || blobs(&server).is_empty().then_some(()));
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
    stream.write_all(&[0; 100]).await.unwrap();
    drop(stream);
    assert_eq!(server.get(&of(&world.agent, "artifacts"), &world.owner).await["items"], json!([]));
}

async fn a_body_of_unstated_length_has_the_same_bound(database: Database) {
    let settings = hub_core::Settings { artifact_bytes: 100_000, ..Default::default() };
    let server = Server::start_on(&database, Settings::default(), |builder| builder.settings(settings)).await;
    let world = World::make(&server, "rules").await;
    let send = async |length: usize| {
        let pieces = picture(length)
            .chunks(1_000)
            .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
            .collect::<Vec<_>>();
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
        let request = server.client.post(format!("{}{}", server.url, at(&world))).bearer_auth(&world.owner);
        let response = request.body(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(send(99_000).await.0, 201);
    let (status, text) = send(100_001).await;
    assert_eq!(status, 413, "{text}");
    assert!(text.contains("artifact_too_large") && text.contains("100000 bytes"), "{text}");
    let reply = hand_in(&server, &at(&world), &world.owner, "image/png", picture(100_001)).await;
    reply.problem(413, "artifact_too_large");
    until("one blob", async || (blobs(&server).len() == 1).then_some(())).await;
}

async fn wrong_queries_name_the_field(database: Database) {
    let (server, world) = start(&database).await;
    for (query, code, field) in [
        (String::new(), "invalid_field", "space_id"),
        ("?space_id=kitchen".to_owned(), "malformed_id", "space_id"),
        (format!("?space_id={}&person_ids=anna", world.space), "malformed_id", "person_ids"),
        (format!("?space_id={}&occurred_at=today", world.space), "malformed_time", "occurred_at"),
        (format!("?space_id={}&colour=red", world.space), "unknown_field", "colour"),
    ] {
        let reply = hand_in(&server, &format!("/v1/artifacts{query}"), &world.owner, "", vec![1]).await;
        assert_eq!(reply.problem(400, code)["field"], field, "{query}");
    }
    let reply = hand_in(&server, &at(&world), &world.owner, "picture", vec![1]).await;
    assert_eq!(reply.problem(400, "malformed_media_type")["field"], "content-type");
}
