//! People by name.

use super::exit::Outcome;
use super::session::Session;
use hub_protocol::people::{CreatePerson, Person};
use std::collections::HashMap;
use uuid::Uuid;

/// The people of these names; who is not there yet is made.
pub(crate) async fn named(session: &Session, names: &[String]) -> Outcome<HashMap<String, Uuid>> {
    let path = session.path("people");
    let mut found: HashMap<String, Uuid> = HashMap::new();
    session
        .client
        .walk(&path, |person: Person| {
            // The first of two with one name, always the same one.
            found.entry(person.name).or_insert(person.person_id);
            true
        })
        .await?;
    let mut chosen = HashMap::new();
    for name in names {
        let person_id = match found.get(name) {
            Some(person_id) => *person_id,
            None => {
                let person: Person = session.client.post(&path, &CreatePerson { name: name.clone() }).await?;
                found.insert(name.clone(), person.person_id);
                person.person_id
            }
        };
        chosen.insert(name.clone(), person_id);
    }
    Ok(chosen)
}
