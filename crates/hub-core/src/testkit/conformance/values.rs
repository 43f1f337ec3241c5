//! Values and rows: what goes in comes out, in any number.

use super::{Database, one};
use crate::store::{BulkInsert, Intent, Statement, Value};
use hub_protocol::vocabulary::ErrorKind;

const PUT: Statement = Statement::new("INSERT INTO t (id, i, r, s, b) VALUES ($1, $2, $3, $4, $5)");
const GET: Statement = Statement::new("SELECT i, r, s, b FROM t WHERE id = $1");
const ROWS: BulkInsert = BulkInsert { into: "t (id, s, b)", types: "itb", tail: "" };

/// Every type of value at its extremes, and null in each column.
pub async fn every_value_comes_back_as_it_went_in(database: Database) {
    let database = database.with_table().await;
    let ints = [0, -1, 1, i64::MIN, i64::MAX, i64::from(i32::MAX) + 1, 1_790_000_000_000_000];
    let reals = [0.0, 0.5, -1.25, 3.0, 1e300, -1e-300, f64::MAX, f64::MIN_POSITIVE, 0.1 + 0.2];
    let texts =
        ["", " ", "Grüße", "日本語 🙂", "a'b\"c\\d%_;--", "\u{202e}rtl\u{200b}", "line\nline\ttab\r\u{7f}"];
    let blobs =
        [vec![], vec![0], vec![0; 16], (0..=255).collect(), b"text \xff\xfe".to_vec(), vec![7; 100_000]];
    let mut rows: Vec<[Value; 4]> = vec![[Value::Null, Value::Null, Value::Null, Value::Null]];
    rows.extend(ints.map(|value| [Value::Int(value), Value::Null, Value::Null, Value::Null]));
    rows.extend(reals.map(|value| [Value::Null, Value::Real(value), Value::Null, Value::Null]));
    rows.extend(texts.map(|value| [Value::Null, Value::Null, value.into(), Value::Null]));
    rows.push([Value::Null, Value::Null, "long ".repeat(50_000).into(), Value::Null]);
    rows.extend(blobs.map(|value| [Value::Null, Value::Null, Value::Null, value.into()]));
    let mut tx = database.begin(Intent::Write).await;
    for (id, row) in (0_i64..).zip(&rows) {
        let mut parameters = vec![id.into()];
        parameters.extend(row.iter().cloned());
        tx.query(&PUT, parameters).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = database.begin(Intent::Read).await;
    for (id, row) in (0_i64..).zip(rows) {
        let mut found = one(tx.as_mut(), &GET, vec![id.into()]).await;
        for (column, value) in row.into_iter().enumerate() {
            assert_eq!(found.take::<Value>(column).unwrap(), value, "row {id}, column {column}");
        }
        assert!(found.take::<Value>(4).is_err());
    }
}

fn rows(ids: std::ops::Range<i64>) -> Vec<Vec<Value>> {
    ids.map(|id| vec![id.into(), format!("row {id}").into(), id.to_be_bytes().into()]).collect()
}

/// Bulk inserts around the length of one statement, in order and without loss.
pub async fn bulk_inserts_of_any_length_arrive_whole(database: Database) {
    const ALL: Statement = Statement::new("SELECT id, s, b FROM t ORDER BY id");
    let database = database.with_table().await;
    let mut next = 0;
    for length in [0, 1, 2, 63, 64, 65, 128, 1_000] {
        let mut tx = database.begin(Intent::Write).await;
        tx.bulk(&ROWS, rows(next..next + length)).await.unwrap();
        tx.commit().await.unwrap();
        next += length;
        assert_eq!(database.count().await, next);
    }
    let mut tx = database.begin(Intent::Read).await;
    for (id, mut row) in (0..).zip(tx.query(&ALL, vec![]).await.unwrap()) {
        let (found, text, bytes): (i64, String, [u8; 8]) =
            (row.take(0).unwrap(), row.take(1).unwrap(), row.take(2).unwrap());
        assert_eq!((found, text, i64::from_be_bytes(bytes)), (id, format!("row {id}"), id));
    }
}

/// One bad row of a bulk insert, and the transaction that is then rolled back left nothing.
pub async fn a_bulk_insert_that_fails_inserts_nothing(database: Database) {
    let database = database.with_table().await;
    let mut tx = database.begin(Intent::Write).await;
    let mut many = rows(0..200);
    many.extend(rows(150..151));
    let error = tx.bulk(&ROWS, many).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    tx.rollback().await.unwrap();
    assert_eq!(database.count().await, 0);
}
