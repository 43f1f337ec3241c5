//! Actions by their id or a part of it.

use super::exit::{Exit, Failure, Outcome};
use super::session::Session;
use hub_protocol::actions::Action;
use uuid::Uuid;

/// Characters of an id that a part must have at least.
const PART_CHARS: usize = 4;

/// The action of this id, or the only open one whose id begins or ends so.
pub(crate) async fn action(session: &Session, named: &str) -> Outcome<Action> {
    if let Ok(id) = Uuid::try_parse(named) {
        return load(session, id).await;
    }
    if named.len() < PART_CHARS {
        let message = format!("{named:?} is too short: at least {PART_CHARS} characters of the id");
        return Err(Failure::usage("action_id", message));
    }
    let mut matching = Vec::new();
    session
        .client
        .walk(&session.path("actions"), |action: Action| {
            if is_part(&action.action_id, named) {
                matching.push(action);
            }
            true
        })
        .await?;
    if matching.len() > 1 {
        matching.retain(|action| action.state.awaits_a_person());
    }
    match (matching.pop(), matching.len()) {
        (Some(action), 0) => Ok(action),
        (None, _) => Err(Failure::new(Exit::Refused, "unknown_action", format!("no action {named:?}"))
            .next("`hub actions --all` lists them")),
        (Some(_), _) => {
            Err(Failure::usage("ambiguous", format!("several actions have {named:?} at an end of their id"))
                .next("give more of the id"))
        }
    }
}

/// The action as it is now.
pub(crate) async fn load(session: &Session, id: Uuid) -> Outcome<Action> {
    session.client.get(&format!("/v1/actions/{id}")).await
}

fn is_part(id: &Uuid, part: &str) -> bool {
    let (id, part) = (id.to_string(), part.to_ascii_lowercase());
    id.starts_with(&part) || id.ends_with(&part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_an_end_of_the_id() {
        let id = Uuid::from_u128(0x0193_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0123);
        assert!(is_part(&id, "0193AAAA") && is_part(&id, "0123") && !is_part(&id, "bbbb"));
    }
}
