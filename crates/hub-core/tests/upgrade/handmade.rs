//! A database of version 1, with rows made by hand in what later steps change, is brought up to date and
//! keeps what it held.

use hub_core::clock::Timestamp;
use hub_core::hub::WorkerRole;
use hub_core::memory::RecallRequest;
use hub_core::store::migrate::{SQLITE, migrate};
use hub_core::store::{Executor as _, Intent, Reach, SqliteExecutor, Statement};
use hub_core::vocabulary::Role;
use hub_core::{Context, HubBuilder};

/// What a hub of version 1 leaves: one utterance indexed, with a fact made of it, and one that waits.
const VERSION_1: &str = "
INSERT INTO agents VALUES (x'01000000000000000000000000000000', 1, 'home', 'en', 'rules', 1);
INSERT INTO spaces VALUES (x'01000000000000000000000000000000', x'02000000000000000000000000000000', 'kitchen', 0, 1, NULL);
INSERT INTO people VALUES (x'01000000000000000000000000000000', x'03000000000000000000000000000000', 'Anna', 1, NULL);
INSERT INTO events (agent_id, seq, event_id, space_id, type, occurred_at, received_at, person_id, role, modality, payload, salt, digest)
VALUES
 (x'01000000000000000000000000000000', 4, x'04000000000000000000000000000000', x'02000000000000000000000000000000',
  'transcript_chunk', 1, 1, x'03000000000000000000000000000000', 'user', 'text', '{\"role\":\"user\",\"text\":\"I like tea\"}',
  zeroblob(16), zeroblob(32)),
 (x'01000000000000000000000000000000', 258, x'05000000000000000000000000000000', x'02000000000000000000000000000000',
  'transcript_chunk', 2, 2, x'03000000000000000000000000000000', 'user', 'text', '{\"role\":\"user\",\"text\":\"Oslo is cold\"}',
  zeroblob(16), zeroblob(32));
INSERT INTO memories (doc, agent_id, memory_id, tier, content, space_id, person_id, role, seq, terms, language, occurred_at, created_at, derivation)
VALUES
 (1, x'01000000000000000000000000000000', x'06000000000000000000000000000000', 'episodic', 'I like tea',
  x'02000000000000000000000000000000', x'03000000000000000000000000000000', 'user', 4, 6, 'en', 1, 1, zeroblob(32)),
 (2, x'01000000000000000000000000000000', x'07000000000000000000000000000000', 'semantic', 'Anna likes tea',
  x'02000000000000000000000000000000', x'03000000000000000000000000000000', NULL, 4, 3, 'en', 1, 1, randomblob(32));
INSERT INTO memory_sources VALUES
 (x'01000000000000000000000000000000', x'04000000000000000000000000000000', x'06000000000000000000000000000000'),
 (x'01000000000000000000000000000000', x'04000000000000000000000000000000', x'07000000000000000000000000000000');
INSERT INTO memory_terms (rowid, terms) VALUES (1, '1x1 1xjanuari 1x1970 1xi 1xlike 1xtea'), (2, '1xanna 1xlike 1xtea');
INSERT INTO memory_totals VALUES (x'01000000000000000000000000000000', 2, 9);
INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at) VALUES
 ('index', x'01000000000000000000000000000000', x'00000000000000000000000000000102', 'ready', 1, 1);
";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_version_1_keeps_what_it_remembers_and_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hub.db");
    let executor = SqliteExecutor::open(&file).await.unwrap();
    migrate(&executor, &SQLITE[..1], Timestamp(1)).await.unwrap();
    let mut tx = executor.begin(Intent::Write, &Reach::nobody()).await.unwrap();
    tx.script(VERSION_1).await.unwrap();
    tx.commit().await.unwrap();
    executor.shutdown().await;

    let hub = HubBuilder::in_folder(folder.path()).workers(vec![WorkerRole::Index]).open().await.unwrap();
    let agent =
        hub.agents().list(&Context::admin(), Default::default()).await.unwrap().items.remove(0).agent_id;
    let anna = hub.people().list(&Context::admin(), agent, Default::default()).await.unwrap().items.remove(0);
    let anna = Context::operator(agent, anna.person_id, Role::Owner);
    hub.drained(agent).await.unwrap();
    let memories =
        hub.memory().list(&anna, agent, Default::default(), Default::default()).await.unwrap().items;
    let told: Vec<_> = memories
        .iter()
        .map(|memory| (memory.content.as_str(), memory.source_event_ids[0].0.as_bytes()[0]))
        .collect();
    assert_eq!(told, [("I like tea", 4), ("Anna likes tea", 4), ("Oslo is cold", 5)]);
    let recalled = hub.memory().recall(&anna, RecallRequest::new("tea")).await.unwrap().memories;
    assert!(recalled[..2].iter().all(|found| found.memory.content.contains("tea")), "{recalled:?}");
    hub.shutdown().await;

    let executor = SqliteExecutor::open_existing(&file).await.unwrap();
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
    let dangling = tx.query(&Statement::new("PRAGMA foreign_key_check"), vec![]).await.unwrap();
    assert!(dangling.is_empty(), "{dangling:?}");
    let mut sound = tx.query(&Statement::new("PRAGMA integrity_check"), vec![]).await.unwrap();
    assert_eq!(sound[0].take::<String>(0).unwrap(), "ok");
}
