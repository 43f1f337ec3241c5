//! Tokens in the store.

use super::{Token, text};
use crate::Result;
use crate::clock::Timestamp;
use crate::context::{Context, Principal, Scoped};
use crate::ids::{AgentId, DeviceId, PersonId, SpaceId, TokenId};
use crate::sensitive::Secret;
use crate::store::{Row, Tx, declare};
use crate::{Error, store::Value};
use hub_protocol::vocabulary::{PrincipalKind, Role, Scope};
use subtle::ConstantTimeEq as _;

declare! {
    INSERT = "INSERT INTO tokens (agent_id, token_id, kind, name, hash, person_id, device_id, role, scopes, spaces, \
              created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    ONE = "SELECT token_id, agent_id, kind, name, person_id, role, scopes, spaces, created_at, expires_at, revoked_at \
           FROM tokens WHERE agent_id = $1 AND token_id = $2 AND kind <> 'device'";
    PAGE = "SELECT token_id, agent_id, kind, name, person_id, role, scopes, spaces, created_at, expires_at, revoked_at \
            FROM tokens WHERE agent_id = $1 AND token_id > $2 AND kind <> 'device' ORDER BY token_id LIMIT $3";
    REVOKE = "UPDATE tokens SET revoked_at = $3 WHERE agent_id = $1 AND token_id = $2 AND revoked_at IS NULL";
    REVOKE_OF_DEVICE = "UPDATE tokens SET revoked_at = $3 WHERE agent_id = $1 AND device_id = $2 AND revoked_at IS NULL";
    REVOKE_OF_PERSON = "UPDATE tokens SET revoked_at = $3 WHERE agent_id = $1 AND person_id = $2 AND revoked_at IS NULL";
}

/// A token to be written.
pub(crate) struct Draft {
    pub(crate) kind: PrincipalKind,
    pub(crate) name: String,
    pub(crate) person_id: Option<PersonId>,
    pub(crate) role: Option<Role>,
    pub(crate) device_id: Option<DeviceId>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) spaces: Vec<SpaceId>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Draft {
    pub(crate) fn of_device(device_id: DeviceId) -> Self {
        Self {
            kind: PrincipalKind::Device,
            name: String::new(),
            person_id: None,
            role: None,
            device_id: Some(device_id),
            // What a device may do stands with the device.
            scopes: Vec::new(),
            spaces: Vec::new(),
            expires_at: None,
        }
    }
}

/// Makes a token and keeps its hash.
pub(crate) async fn insert(tx: &mut Tx, agent: Scoped, draft: Draft) -> Result<(TokenId, Secret)> {
    let token_id = TokenId(tx.new_id()?);
    let secret = text::make(draft.kind, token_id, tx.random()?);
    let now = tx.now();
    let parameters = vec![
        agent.agent_id().into(),
        token_id.into(),
        draft.kind.as_str().into(),
        draft.name.into(),
        text::hash(secret.expose()).into(),
        draft.person_id.into(),
        draft.device_id.into(),
        draft.role.map(Role::as_str).into(),
        json(&draft.scopes)?,
        json(&draft.spaces)?,
        now.into(),
        draft.expires_at.into(),
    ];
    tx.run(&INSERT, parameters);
    Ok((token_id, secret))
}

/// Several words or ids as one column.
pub(crate) fn json<T: serde::Serialize>(values: &[T]) -> Result<Value> {
    serde_json::to_string(values).map(Value::Text).map_err(Error::internal)
}

pub(super) fn read(mut row: Row) -> Result<Token> {
    Ok(Token {
        token_id: row.take(0)?,
        agent_id: row.take(1)?,
        kind: row.word(2)?,
        name: Some(row.take::<String>(3)?).filter(|name| !name.is_empty()),
        person_id: row.take(4)?,
        role: role(row.take(5)?)?,
        scopes: row.json(6)?,
        spaces: row.json(7)?,
        created_at: row.take(8)?,
        expires_at: row.take(9)?,
        revoked_at: row.take(10)?,
    })
}

fn role(word: Option<String>) -> Result<Option<Role>> {
    word.map(|word| word.parse().map_err(Error::internal)).transpose()
}

/// A token that somebody showed: its id, and the hash of its text.
pub(super) type Shown = (TokenId, [u8; 32]);

/// Who stands behind a token, and until when.
pub(super) type Standing = (Context, Option<Timestamp>);

/// Who stands behind each of these tokens: nobody when it was revoked, or its device was, or its person
/// deleted, or when its text was another. A row that cannot be read is the error of its own token alone.
pub(super) async fn standing(tx: &mut Tx, shown: Vec<Shown>) -> Result<Vec<(Shown, Result<Standing>)>> {
    let ids: Vec<Value> = shown.iter().map(|(token_id, _)| (*token_id).into()).collect();
    let mut standing = Vec::with_capacity(shown.len());
    for mut row in tx.rows_of_list(tx.dialect().standing(), &[], &ids).await? {
        let (token_id, stored): (TokenId, [u8; 32]) = (row.take(0)?, row.take(1)?);
        let is_shown = |(id, hash): &&Shown| *id == token_id && bool::from(stored.ct_eq(hash));
        let Some(shown) = shown.iter().find(is_shown).copied() else { continue };
        if let Some(found) = read_standing(&mut row, token_id).transpose() {
            standing.push((shown, found));
        }
    }
    Ok(standing)
}

fn read_standing(row: &mut Row, token_id: TokenId) -> Result<Option<Standing>> {
    let expires_at: Option<Timestamp> = row.take(10)?;
    let principal = principal(row, token_id, expires_at)?;
    Ok(principal.map(|principal| (Context::new(principal), expires_at)))
}

fn principal(row: &mut Row, token_id: TokenId, expires_at: Option<Timestamp>) -> Result<Option<Principal>> {
    let agent_id: AgentId = row.take(2)?;
    Ok(Some(match row.word::<PrincipalKind>(3)? {
        PrincipalKind::Operator => {
            Principal::Operator { agent_id, person_id: row.take(4)?, role: row.word(5)? }
        }
        PrincipalKind::Device => {
            Principal::Device { agent_id, device_id: row.take(6)?, scopes: row.json(7)? }
        }
        PrincipalKind::Delegate => Principal::Delegate {
            agent_id,
            token_id,
            scopes: row.json(8)?,
            spaces: row.json(9)?,
            expires_at: expires_at.ok_or_else(|| Error::internal("a delegate's token has no expiry"))?,
        },
        PrincipalKind::Admin | PrincipalKind::Worker => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::trial::{NOW, Trial};
    use crate::store::{Executor as _, Statement};
    use crate::trace::Untraced;
    use uuid::Uuid;

    const GARBAGE: Statement = Statement::new("UPDATE tokens SET scopes = 'none' WHERE token_id = $1");

    #[tokio::test]
    async fn tokens_that_are_looked_up_together_are_each_answered_for_themselves() {
        let trial = Trial::new(Untraced).await;
        let (agent, mut tx) = (trial.agent, trial.begin().await);
        let mut shown = Vec::new();
        for _ in 0..4 {
            let draft = Draft {
                kind: PrincipalKind::Delegate,
                expires_at: Some(NOW),
                device_id: None,
                ..Draft::of_device(DeviceId(Uuid::from_u128(3)))
            };
            let (token_id, secret) = insert(&mut tx, agent, draft).await.unwrap();
            shown.push((token_id, text::hash(secret.expose())));
        }
        let [good, unreadable, revoked, guessed] = shown[..] else { panic!("four were made") };
        tx.run(&GARBAGE, vec![unreadable.0.into()]);
        tx.run(&REVOKE, vec![agent.agent_id().into(), revoked.0.into(), NOW.into()]);
        let asked = vec![(guessed.0, [0; 32]), unreadable, revoked, good];
        let found = standing(&mut tx, asked).await.unwrap();
        let of = |token: Shown| found.iter().find(|(shown, _)| *shown == token).map(|(_, found)| found);
        assert_eq!(found.len(), 2, "nobody stands behind a revoked token, nor behind a guess");
        assert!(of(good).is_some_and(|found| matches!(found, Ok((_, Some(NOW))))));
        assert!(of(unreadable).is_some_and(Result::is_err));
        tx.rollback().await;
        trial.executor.shutdown().await;
    }
}
