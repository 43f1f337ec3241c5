use super::*;

fn well() -> Facts {
    Facts {
        version: 160_004,
        encoding: "UTF8".to_owned(),
        replica: false,
        read_only: false,
        most: 100,
        reserved: 3,
        used: 10,
        role_most: None,
        database_most: None,
        fsync: true,
        full_page_writes: true,
        synchronous_commit: "on".to_owned(),
        vector: true,
        role: "anna".to_owned(),
        database: "hub".to_owned(),
        ahead_micros: 1_000,
        schema: Schema {
            name: Some("public".to_owned()),
            may_create: true,
            role: "anna".to_owned(),
            may_make_roles: true,
            state: State::Empty,
        },
        wall: Wall::Stands,
    }
}

/// What stands out: severity and code of all that is not good.
fn found(facts: &Facts) -> Vec<(Severity, &'static str)> {
    let checks = judge(facts).into_iter().filter(|check| check.severity != Severity::Good);
    checks
        .map(|check| {
            assert!(check.remedy().is_some_and(|remedy| !remedy.is_empty()), "{check:?}");
            (check.severity, check.code().unwrap())
        })
        .collect()
}

#[test]
fn what_is_well_is_well() {
    assert_eq!(found(&well()), []);
    let worker = Schema {
        may_create: false,
        may_make_roles: false,
        state: State::Ours(POSTGRES.len()),
        ..well().schema
    };
    assert_eq!(found(&Facts { schema: worker, ..well() }), []);
    // What the hub sets itself is no fault of the server.
    assert_eq!(found(&Facts { synchronous_commit: "off".to_owned(), ..well() }), []);
}

#[test]
fn each_fault_has_its_code_and_its_weight() {
    let of = |state: State| Schema { state, ..well().schema };
    let cases: [(Facts, Severity, &str); 18] = [
        (Facts { version: 150_008, ..well() }, Severity::Fatal, "store_version"),
        (Facts { encoding: "SQL_ASCII".to_owned(), ..well() }, Severity::Fatal, "store_encoding"),
        (Facts { replica: true, ..well() }, Severity::Fatal, "store_read_only"),
        (Facts { read_only: true, ..well() }, Severity::Fatal, "store_read_only"),
        (
            Facts { schema: of(State::Foreign("posts".to_owned())), ..well() },
            Severity::Fatal,
            "foreign_database",
        ),
        (Facts { schema: of(State::Ours(POSTGRES.len() + 1)), ..well() }, Severity::Fatal, "newer_schema"),
        (
            Facts { schema: Schema { name: None, ..of(State::Empty) }, ..well() },
            Severity::Fatal,
            "store_rights",
        ),
        (
            Facts { schema: Schema { may_create: false, ..of(State::Ours(1)) }, ..well() },
            Severity::Fatal,
            "store_rights",
        ),
        (
            Facts { schema: Schema { may_make_roles: false, ..of(State::Empty) }, ..well() },
            Severity::Fatal,
            "store_rights",
        ),
        (Facts { most: 18, ..well() }, Severity::Fatal, "store_connections"),
        (Facts { role_most: Some(15), ..well() }, Severity::Fatal, "store_connections"),
        (Facts { used: 90, ..well() }, Severity::Note, "store_connections"),
        (Facts { fsync: false, ..well() }, Severity::Wrong, "store_durability"),
        (Facts { full_page_writes: false, ..well() }, Severity::Wrong, "store_durability"),
        (Facts { vector: false, ..well() }, Severity::Note, "store_no_vector"),
        (Facts { schema: of(State::Closed), ..well() }, Severity::Fatal, "store_rights"),
        (Facts { wall: Wall::Lacks("its roles".to_owned()), ..well() }, Severity::Note, "wall_missing"),
        (Facts { wall: Wall::Hole("a hole".to_owned()), ..well() }, Severity::Fatal, "wall_missing"),
    ];
    for (facts, severity, code) in cases {
        assert_eq!(found(&facts), [(severity, code)], "{facts:?}");
    }
}

#[test]
fn clocks_may_differ_by_seconds_and_not_by_an_hour() {
    let apart = |micros: i64| found(&Facts { ahead_micros: micros, ..well() });
    for sign in [1, -1] {
        assert_eq!(apart(sign * 4_900_000), []);
        assert_eq!(apart(sign * 6_000_000), [(Severity::Note, "store_clock")]);
        assert_eq!(apart(sign * 299_000_000), [(Severity::Note, "store_clock")]);
        assert_eq!(apart(sign * 3_600_000_000), [(Severity::Fatal, "store_clock")]);
    }
    assert_eq!(apart(i64::MIN), [(Severity::Fatal, "store_clock")]);
}
