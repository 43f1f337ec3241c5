#![allow(clippy::unwrap_used)]
use super::*;
use crate::cli::Common;
use crate::cli::exit::Exit;
use std::path::Path;

fn home(folder: &Path) -> Home {
    Home::of(&Common { data: Some(folder.to_path_buf()), json: false }).unwrap()
}

fn named(url: &str) -> Named {
    Named { url: Some(url.parse().unwrap()), admin_url: None }
}

fn none() -> Named {
    Named::default()
}

#[test]
fn a_folder_refuses_another_database_than_the_one_it_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let url = format!("sqlite:{}", folder.path().join("elsewhere.db").display());
    let elsewhere = choose(&named(&url), &home).unwrap();
    remember(&home, &elsewhere).unwrap();

    let failure = choose(&none(), &home).unwrap_err();
    assert_eq!(failure.code, "other_database");
    assert!(failure.next.unwrap().contains(&format!("HUB_DATABASE_URL={url}")));
    assert_eq!(choose(&named(&url), &home).unwrap_err().code, "database_missing");
    std::fs::write(elsewhere.file().unwrap(), "").unwrap();
    assert_eq!(choose(&named(&url), &home).unwrap().url(), url);
}

#[test]
fn the_database_in_the_folder_moves_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    std::fs::create_dir(&before).unwrap();
    remember(&home(&before), &choose(&none(), &home(&before)).unwrap()).unwrap();
    assert_eq!(choose(&none(), &home(&before)).unwrap_err().code, "database_missing");
    std::fs::write(DataFolder::database_in(&before), "").unwrap();
    std::fs::rename(&before, &after).unwrap();
    let url = format!("sqlite:{}", DataFolder::database_in(&after).display());
    for named in [none(), named(&url)] {
        assert!(matches!(choose(&named, &home(&after)).unwrap(), Database::Inside(_)));
    }
}

#[test]
#[cfg(feature = "postgres")]
fn a_server_s_database_is_remembered_without_its_password_and_known_by_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let first = named("postgres://anna:hunter2@db.example/hub");
    let database = choose(&first, &home).unwrap();
    assert!(database.is_shared() && !format!("{database:?}").contains("hunter2"));
    remember(&home, &database).unwrap();
    assert_eq!(remembered(&home).unwrap().as_deref(), Some("postgres://anna@db.example:5432/hub"));

    for same in
        ["postgresql://ben:other@db.example:5432/hub?sslmode=require", "postgres://anna@db.example/hub"]
    {
        choose(&named(same), &home).unwrap();
    }
    let sqlite = format!("sqlite:{}", folder.path().join("hub.db").display());
    for other in [named("postgres://anna:hunter2@db.example/other"), named(&sqlite), none()] {
        let failure = choose(&other, &home).unwrap_err();
        assert_eq!(failure.code, "other_database");
        let next = failure.next.unwrap();
        assert!(next.contains("HUB_DATABASE_URL=postgres://anna@db.example:5432/hub"), "{next}");
        assert!(!failure.message.contains("hunter2") && !next.contains("hunter2"));
    }
}

#[test]
fn urls_that_cannot_be_used_are_refused_without_their_password() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let admin = |url: &str, admin: &str| Named { admin_url: Some(admin.parse().unwrap()), ..named(url) };
    for (named, said) in [
        (named("mysql://u:hunter2@h/d"), "must begin with sqlite: or postgres:"),
        (named("sqlite::memory:"), "names no file"),
        #[cfg(feature = "postgres")]
        (named("postgres://u:hunter2@h:port/d"), "HUB_DATABASE_URL is not the URL"),
        #[cfg(feature = "postgres")]
        (admin("postgres://u@h/d", "postgres://o:hunter2@h/e"), "names postgres://o@h:5432/e"),
        (admin("sqlite:/a/b.db", "postgres://o:hunter2@h/e"), "is for a PostgreSQL database"),
        #[cfg(not(feature = "postgres"))]
        (named("postgres://u:hunter2@h/d"), "built without PostgreSQL"),
    ] {
        let failure = choose(&named, &home).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.message.contains(said) && !failure.message.contains("hunter2"), "{failure:?}");
    }
}
