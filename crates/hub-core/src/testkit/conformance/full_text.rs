//! The full-text index and the claim of jobs, which each database says in its own words.

use super::Database;
use crate::store::across::CLAIM;
use crate::store::{Dialect, Intent, Statement, Transaction, Value};

async fn holding(tx: &mut dyn Transaction, dialect: Dialect, term: &str, limit: i64) -> Vec<i64> {
    let rows = tx.query(&dialect.postings(), vec![term.into(), limit.into()]).await.unwrap();
    rows.into_iter().map(|mut row| row.take(0).unwrap()).collect()
}

async fn frequency(tx: &mut dyn Transaction, dialect: Dialect, term: &str) -> i64 {
    super::one(tx, &dialect.document_frequency(), vec![term.into()]).await.take(0).unwrap()
}

/// A document is found by each of its terms, newest first, until it is taken out; a term may be as
/// long as a person's keyboard lets him.
pub async fn documents_are_found_by_their_terms_until_taken_out(database: Database) {
    let database = database.with_schema().await;
    let dialect = database.executor.dialect();
    let long: String = (0..8_000_u32).map(|n| char::from(b'a' + (n * n % 23) as u8)).collect();
    let long = format!("1x{long}");
    let last = format!("1xsun {long}");
    let mut tx = database.begin(Intent::Write).await;
    let documents = [(1, "1xmoon 1xsun 1xmoon"), (2, "1xmoon 1xgrüße"), (3, last.as_str()), (4, "")];
    let rows = documents.map(|(doc, terms)| vec![Value::Blob(vec![7; 16]), Value::Int(doc), terms.into()]);
    tx.bulk(&dialect.index_documents(), rows.to_vec()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = database.begin(Intent::Write).await;
    let tx = tx.as_mut();
    assert_eq!(holding(tx, dialect, "1xmoon", 10).await, [2, 1]);
    assert_eq!(holding(tx, dialect, "1xmoon", 1).await, [2]);
    assert_eq!(holding(tx, dialect, "1xgrüße", 10).await, [2]);
    assert_eq!(holding(tx, dialect, &long, 10).await, [3]);
    assert_eq!(holding(tx, dialect, "2xmoon", 10).await, [0; 0]);
    assert_eq!((frequency(tx, dialect, "1xsun").await, frequency(tx, dialect, "1xmoo").await), (2, 0));
    let out = vec![3.into(), last.as_str().into()];
    tx.query(&dialect.unindex_document(), out).await.unwrap();
    assert_eq!(holding(tx, dialect, "1xsun", 10).await, [1]);
    assert_eq!(holding(tx, dialect, &long, 10).await, [0; 0]);
    assert_eq!(holding(tx, dialect, "1xmoon", 10).await, [2, 1]);
}

/// Workers that claim at the same time get different jobs, the oldest that are due first, each once
/// and each with the next fence.
pub async fn claims_at_the_same_time_share_no_job(database: Database) {
    const AGENT: Statement = Statement::new(
        "INSERT INTO agents (agent_id, number, name, language, planner, created_at) \
         VALUES ($1, 1, 'x', 'en', 'rules', 1)",
    );
    const JOB: Statement = Statement::new(
        "INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at) \
         VALUES ('plan', $1, $2, 'ready', $3, 1)",
    );
    let database = database.with_schema().await;
    let agent = || Value::Blob(vec![7; 16]);
    let mut tx = database.begin(Intent::Write).await;
    tx.query(&AGENT, vec![agent()]).await.unwrap();
    for due in 1..=40_u8 {
        tx.query(&JOB, vec![agent(), Value::Blob(vec![due; 16]), i64::from(due).into()]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let workers = (0..8).map(|worker| {
        let database = &database;
        async move {
            let mut tx = database.begin(Intent::Write).await;
            let worker = format!("w{worker}").into();
            let parameters = vec!["plan".into(), 32.into(), 5.into(), 99.into(), worker, 0.into()];
            let rows = tx.query(&CLAIM.of(database.executor.dialect()), parameters).await.unwrap();
            tx.commit().await.unwrap();
            rows
        }
    });
    let claimed = futures_util::future::join_all(workers).await.into_iter().flatten();
    let mut keys: Vec<u8> = claimed
        .map(|mut row| {
            assert_eq!((row.take::<i64>(3).unwrap(), row.take::<i64>(4).unwrap()), (1, 1));
            row.take::<[u8; 16]>(2).unwrap()[0]
        })
        .collect();
    keys.sort_unstable();
    let double = keys.windows(2).any(|pair| pair[0] == pair[1]);
    assert!(!double && keys.len() <= 32 && keys.iter().all(|due| *due <= 32), "{keys:?}");
    // Who found only jobs of others comes again.
    let mut tx = database.begin(Intent::Write).await;
    let parameters = vec!["plan".into(), 32.into(), 100.into(), 99.into(), "last".into(), 0.into()];
    let rest = tx.query(&CLAIM.of(database.executor.dialect()), parameters).await.unwrap();
    assert_eq!(keys.len() + rest.len(), 32);
}
