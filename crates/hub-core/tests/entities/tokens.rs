use crate::world::{World, code};
use hub_core::hub::tokens::NewToken;
use hub_core::ids::{PersonId, SpaceId};
use hub_core::page::PageRequest;
use hub_core::vocabulary::{ErrorKind, PrincipalKind, Role, Scope};
use hub_core::{Context, Principal};
use std::time::Duration;
use uuid::Uuid;

fn delegate(world: &World, spaces: Vec<SpaceId>) -> NewToken {
    NewToken::Delegate {
        name: "calendar".to_owned(),
        scopes: vec![Scope::EventsRead],
        spaces,
        expires_at: world.later(60),
    }
}

#[tokio::test]
async fn an_operators_token_is_that_person() {
    let world = World::open().await;
    let new = NewToken::Operator { person_id: world.ben, role: Role::Guest };
    let (token, secret) = world.hub.tokens().create(&Context::admin(), world.agent_id, new).await.unwrap();
    let context = world.hub.tokens().authenticate(secret.expose()).await.unwrap();
    assert_eq!(context, Context::operator(world.agent_id, world.ben, Role::Guest));

    let logged = &world.log("token.created").await[0];
    assert_eq!(logged["subject"]["id"], token.token_id.to_string());
    assert_eq!(logged["facts"]["person_id"], world.ben.to_string());
    assert_eq!(logged["facts"]["role"], "guest");
    let seen = world.hub.tokens().list(&world.owner(), world.agent_id, PageRequest::default()).await.unwrap();
    assert_eq!(seen.items, [token]);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_by_its_expose_alone() {
    let world = World::open().await;
    let new = NewToken::Operator { person_id: world.ben, role: Role::Member };
    let (token, secret) = world.hub.tokens().create(&world.owner(), world.agent_id, new).await.unwrap();
    world.hub.tokens().authenticate(secret.expose()).await.unwrap();
    let random = secret.expose().splitn(4, '_').last().unwrap();
    let listed =
        world.hub.tokens().list(&world.owner(), world.agent_id, PageRequest::default()).await.unwrap();
    for shown in
        [format!("{secret:?}"), format!("{token:?}"), format!("{listed:?}"), format!("{:?}", world.hub)]
    {
        assert!(!shown.contains(random), "{shown}");
    }
    world.hub.shutdown().await;
    for file in walk(world.folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(random.len()).any(|part| part == random.as_bytes()), "{}", file.display());
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn every_bad_token_is_answered_alike() {
    let world = World::open().await;
    let tokens = world.hub.tokens();
    let new = NewToken::Operator { person_id: world.ben, role: Role::Member };
    let (token, secret) = tokens.create(&Context::admin(), world.agent_id, new).await.unwrap();
    let good = secret.expose().to_owned();
    assert!(tokens.authenticate(&good).await.is_ok());

    // Another letter in the randomness, another id, nothing like a token, and one that was good.
    let last = if good.ends_with('A') { 'B' } else { 'A' };
    let typo = format!("{}{last}", &good[..good.len() - 1]);
    let other_id =
        good.replacen(&token.token_id.0.simple().to_string(), &Uuid::nil().simple().to_string(), 1);
    tokens.revoke(&Context::admin(), token.token_id).await.unwrap();
    let mut messages = Vec::new();
    for bad in [typo.as_str(), other_id.as_str(), "", "secret", good.as_str()] {
        let error = tokens.authenticate(bad).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, "unknown_token"), "{bad}");
        messages.push(error.to_string());
    }
    messages.dedup();
    assert_eq!(messages.len(), 1);
}

#[tokio::test]
async fn revoking_holds_at_once_and_may_be_repeated() {
    let world = World::open().await;
    let tokens = world.hub.tokens();
    let new = NewToken::Operator { person_id: world.ben, role: Role::Owner };
    let (token, secret) = tokens.create(&Context::admin(), world.agent_id, new).await.unwrap();
    assert!(tokens.authenticate(secret.expose()).await.is_ok());
    assert_eq!(code(tokens.revoke(&world.member(), token.token_id).await), "not_allowed");
    tokens.revoke(&world.owner(), token.token_id).await.unwrap();
    assert_eq!(code(tokens.authenticate(secret.expose()).await), "unknown_token");
    tokens.revoke(&world.owner(), token.token_id).await.unwrap();
    assert_eq!(world.log("token.revoked").await.len(), 1);
    let listed = tokens.list(&world.owner(), world.agent_id, PageRequest::default()).await.unwrap();
    assert!(listed.items[0].revoked_at.is_some());
}

#[tokio::test]
async fn a_delegates_token_carries_its_bounds_until_it_expires() {
    let world = World::open().await;
    let tokens = world.hub.tokens();
    let new = delegate(&world, vec![world.space_id, world.space_id]);
    let (token, secret) = tokens.create(&world.owner(), world.agent_id, new).await.unwrap();
    assert_eq!(token.kind, PrincipalKind::Delegate);
    let context = tokens.authenticate(secret.expose()).await.unwrap();
    let expected = Principal::Delegate {
        agent_id: world.agent_id,
        token_id: token.token_id,
        scopes: vec![Scope::EventsRead],
        spaces: vec![world.space_id],
        expires_at: token.expires_at.unwrap(),
    };
    assert_eq!(context.principal, expected);

    // What is remembered of a token does not outlive it.
    world.clock.pass(Duration::from_millis(59_900));
    assert!(tokens.authenticate(secret.expose()).await.is_ok());
    world.clock.pass(Duration::from_millis(100));
    assert_eq!(code(tokens.authenticate(secret.expose()).await), "token_expired");
    // A revoked one is not known any more, expired or not.
    tokens.revoke(&world.owner(), token.token_id).await.unwrap();
    assert_eq!(code(tokens.authenticate(secret.expose()).await), "unknown_token");
}

#[tokio::test]
async fn a_delegate_is_bounded_when_it_is_made() {
    let world = World::open().await;
    let make = |new| {
        let (tokens, owner, agent_id) = (world.hub.tokens(), world.owner(), world.agent_id);
        async move { tokens.create(&owner, agent_id, new).await }
    };
    assert_eq!(code(make(delegate(&world, vec![])).await), "no_space");
    let many = (0..101).map(|number| SpaceId(Uuid::from_u128(number))).collect();
    let error = make(delegate(&world, many)).await.unwrap_err();
    assert_eq!((error.code(), error.limit_text()), ("too_many_spaces", Some("100 spaces")));
    let elsewhere =
        world.hub.spaces().create(&Context::admin(), world.other_agent, "desk".to_owned()).await.unwrap();
    let error = make(delegate(&world, vec![world.space_id, elsewhere.space_id])).await.unwrap_err();
    assert_eq!((error.code(), error.field_name()), ("unknown_space", Some("spaces")));
    let past = NewToken::Delegate {
        name: "late".to_owned(),
        scopes: vec![],
        spaces: vec![world.space_id],
        expires_at: world.later(0),
    };
    assert_eq!(code(make(past).await), "expired_already");
    let nobody = NewToken::Operator { person_id: PersonId(Uuid::nil()), role: Role::Member };
    assert_eq!(code(make(nobody).await), "unknown_person");
}

#[tokio::test]
async fn only_an_admin_or_an_owner_mints_and_lists() {
    let world = World::open().await;
    let device = Context::device(world.agent_id, Uuid::nil().into(), Scope::ALL.to_vec());
    for context in [world.member(), device, Context::worker(world.agent_id, "planner:rules")] {
        let new = NewToken::Operator { person_id: world.ben, role: Role::Owner };
        assert_eq!(code(world.hub.tokens().create(&context, world.agent_id, new).await), "not_allowed");
        let listed = world.hub.tokens().list(&context, world.agent_id, PageRequest::default()).await;
        assert_eq!(code(listed), "not_allowed");
    }
}

#[tokio::test]
async fn tokens_of_a_deleted_agent_are_not_known() {
    let world = World::open().await;
    let new = NewToken::Operator { person_id: world.ben, role: Role::Member };
    let (_, secret) = world.hub.tokens().create(&Context::admin(), world.agent_id, new).await.unwrap();
    assert!(world.hub.tokens().authenticate(secret.expose()).await.is_ok());
    world.hub.agents().delete(&Context::admin(), world.agent_id).await.unwrap();
    assert_eq!(code(world.hub.tokens().authenticate(secret.expose()).await), "unknown_token");
}
