//! Statements with a list, and that every statement of the hub is understood.

use super::{Database, insert};
use crate::store::{Intent, ListStatement, Statement, Value, statements};

/// Lists of any length, padded to few lengths, find each row once, with parameters before them.
pub async fn lists_of_any_length_find_their_rows(database: Database) {
    const LISTED: ListStatement = ListStatement {
        sql: "SELECT id FROM t WHERE i >= $1 AND i < $2 AND id IN ({}) ORDER BY id",
        before: 2,
    };
    let database = database.with_table().await;
    let mut tx = database.begin(Intent::Write).await;
    for id in 100..1_200 {
        insert(tx.as_mut(), id).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = database.begin(Intent::Read).await;
    for length in [1_u16, 2, 4, 5, 16, 17, 64, 65, 256, 1_000, 1_024] {
        let ids: Vec<i64> = (0..i64::from(length)).map(|n| 100 + n).collect();
        let (statement, padded) = LISTED.of_length(database.executor.dialect(), ids.len());
        assert!(padded >= ids.len());
        let mut parameters: Vec<Value> = vec![101.into(), 10_000.into()];
        parameters.extend(ids.iter().map(|id| Value::Int(*id)));
        parameters.resize(2 + padded, ids[ids.len() - 1].into());
        let rows = tx.query(&statement, parameters).await.unwrap();
        let found: Vec<i64> = rows.into_iter().map(|mut row| row.take(0).unwrap()).collect();
        assert_eq!(found, ids[1..], "a list of {length}");
    }
}

/// Every statement of the hub is understood by this database with the hub's schema.
pub async fn every_statement_prepares(database: Database) {
    let database = database.with_schema().await;
    let all = statements(database.executor.dialect());
    assert!(all.len() > 100, "the catalogue holds {} statements", all.len());
    for (name, statement) in all {
        if let Err(error) = database.executor.prepare(&statement).await {
            panic!("{name}: {:?}\n{}", std::error::Error::source(&error), statement.text());
        }
    }
}

/// What the database does not understand is not prepared: the rule above means something.
pub async fn a_statement_that_is_none_does_not_prepare(database: Database) {
    let database = database.with_schema().await;
    for sql in ["SELEC 1", "SELECT nothing FROM agents", "SELECT 1 FROM no_such_table"] {
        assert!(database.executor.prepare(&Statement::new(sql)).await.is_err(), "{sql}");
    }
}
