//! What the schema forbids is refused by the database itself.

use super::{Database, INSERT, count, insert};
use crate::store::{Intent, Statement, Value};
use hub_protocol::vocabulary::ErrorKind;

/// Unique keys, foreign keys, checks, absent values and wrong types are errors, at once; a
/// savepoint saves the rest of the transaction.
pub async fn a_breach_of_a_constraint_is_an_error_and_the_transaction_goes_on(database: Database) {
    const SAVE: Statement = Statement::new("SAVEPOINT operation");
    const UNDO: Statement = Statement::new("ROLLBACK TO SAVEPOINT operation");
    const CHILD: Statement = Statement::new("INSERT INTO child (id, t) VALUES ($1, $2)");
    const WORD: Statement = Statement::new("INSERT INTO t (id, s) VALUES ($1, $2)");
    const PARENT_GOES: Statement = Statement::new("DELETE FROM t WHERE id = $1");
    let database = database.with_table().await;
    let mut tx = database.begin(Intent::Write).await;
    insert(tx.as_mut(), 1).await.unwrap();
    tx.query(&WORD, vec![2.into(), "word".into()]).await.unwrap();
    tx.query(&CHILD, vec![1.into(), 1.into()]).await.unwrap();
    let breaches: [(&str, &Statement, Vec<Value>); 7] = [
        ("primary key", &INSERT, vec![1.into(), 1.into()]),
        ("unique key", &WORD, vec![3.into(), "word".into()]),
        ("foreign key", &CHILD, vec![2.into(), 99.into()]),
        ("foreign key, the other way", &PARENT_GOES, vec![1.into()]),
        ("check", &INSERT, vec![3.into(), 13.into()]),
        ("not null", &CHILD, vec![3.into(), Value::Null]),
        ("type", &INSERT, vec![3.into(), "words".into()]),
    ];
    for (what, statement, parameters) in breaches {
        tx.query(&SAVE, vec![]).await.unwrap();
        let error =
            tx.query(statement, parameters).await.err().unwrap_or_else(|| panic!("{what} was let through"));
        assert_eq!(error.kind(), ErrorKind::Internal, "{what}");
        tx.query(&UNDO, vec![]).await.unwrap();
    }
    assert_eq!(count(tx.as_mut()).await, 2);
    tx.commit().await.unwrap();
    assert_eq!(database.count().await, 2);
}
