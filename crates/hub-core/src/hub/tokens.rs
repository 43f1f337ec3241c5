//! `hub.tokens()`: bearer tokens of people and of other programs, and who stands behind one.

mod known;
pub(crate) mod rows;
mod text;

pub(crate) use known::KnownTokens;

use super::Tokens;
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Need, Scoped};
use crate::ids::{AgentId, PersonId, SpaceId, TokenId};
use crate::page::{Page, PageRequest};
use crate::sensitive::Secret;
use crate::store::{Reach, Tx, across, boxed};
use crate::text::name;
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::{PrincipalKind, Role, Scope};
use rows::Draft;

/// A token, without what is secret of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Which.
    pub token_id: TokenId,
    /// Of which agent.
    pub agent_id: AgentId,
    /// `operator` or `delegate`; the tokens of devices are their devices' business.
    pub kind: PrincipalKind,
    /// A delegate's name.
    pub name: Option<String>,
    /// The operator's person.
    pub person_id: Option<PersonId>,
    /// The operator's role.
    pub role: Option<Role>,
    /// What the delegate may do.
    pub scopes: Vec<Scope>,
    /// Where the delegate may do it.
    pub spaces: Vec<SpaceId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it holds; without it, until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewToken {
    /// For a person, who then acts as an operator.
    Operator {
        /// Who.
        person_id: PersonId,
        /// As what.
        role: Role,
    },
    /// For another program or agent.
    Delegate {
        /// 1 to 200 characters.
        name: String,
        /// What it may do.
        scopes: Vec<Scope>,
        /// Where: 1 to 100 spaces.
        spaces: Vec<SpaceId>,
        /// Until when.
        expires_at: Timestamp,
    },
}

/// One sentence for every token that is not good, so that nobody learns how near a guess was.
fn not_a_token() -> Error {
    Error::denied("unknown_token", "this token is not known, or was revoked")
}

fn unknown() -> Error {
    Error::not_found("unknown_token_id", "no such token")
}

impl Tokens {
    /// Makes a token. An admin or an owner may. The secret is answered once and never again.
    ///
    /// # Errors
    /// `not_found` for an unknown person or space; `invalid` for a name out of bounds, no space,
    /// or an expiry that is not ahead (`expired_already`); `limit` for more than 100 spaces.
    pub async fn create(
        &self,
        context: &Context,
        agent_id: AgentId,
        new: NewToken,
    ) -> Result<(Token, Secret)> {
        let agent = self.hub.allow(context, agent_id, Need::Arrange)?;
        let (draft, context) = (draft(new)?, context.clone());
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    check(tx, agent, &draft).await?;
                    let (token_id, secret) = rows::insert(tx, agent, draft).await?;
                    let token = load(tx, agent, token_id).await?;
                    let mut entry = EntryDraft::new(tx.now(), "token.created", &context.principal)
                        .subject("token", token_id)
                        .fact("token_kind", token.kind.as_str());
                    if let (Some(person), Some(role)) = (token.person_id, token.role) {
                        entry = entry.fact("person_id", person.0).fact("role", role.as_str());
                    }
                    tx.audit(agent, entry).await?;
                    Ok((token, secret))
                })
            })
            .await
    }

    /// The tokens of people and delegates of an agent, revoked ones too. An admin or an owner may.
    ///
    /// # Errors
    /// `not_found` for an unknown agent; `invalid` or `limit` for a malformed page.
    pub async fn list(&self, context: &Context, agent_id: AgentId, page: PageRequest) -> Result<Page<Token>> {
        let agent = self.hub.allow(context, agent_id, Need::Arrange)?;
        let (after, rows) = (page.after_id()?, page.rows()?);
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let rows = tx.rows(&rows::PAGE, vec![agent_id.into(), after.into(), rows.into()]).await?;
                    let tokens = rows.into_iter().map(rows::read).collect::<Result<Vec<_>>>()?;
                    Page::of(tokens, &page, |token| token.token_id.to_string())
                })
            })
            .await
    }

    /// Revokes a token of a person or a delegate. An admin or an owner may; twice is no error.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn revoke(&self, context: &Context, token_id: TokenId) -> Result<()> {
        let agent =
            self.hub.allow_thing(context, Need::Arrange, across::OWNER_OF_TOKEN, token_id.0, unknown).await?;
        let context = context.clone();
        let answer = self
            .hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    if load(tx, agent, token_id).await?.revoked_at.is_some() {
                        return Ok(());
                    }
                    let now = tx.now();
                    let parameters = vec![agent.agent_id().into(), token_id.into(), now.into()];
                    tx.run(&rows::REVOKE, parameters);
                    let entry =
                        EntryDraft::new(now, "token.revoked", &context.principal).subject("token", token_id);
                    tx.audit(agent, entry).await.map(|_| ())
                })
            })
            .await;
        self.hub.forget_tokens();
        answer
    }

    /// Who stands behind a token that this hub gave out. What is revoked here is refused from
    /// then on; what another process revokes, within a second.
    ///
    /// # Errors
    /// `denied`: `token_expired` for a good token whose time is over, else `unknown_token`;
    /// `unavailable` when the database cannot be asked.
    pub async fn authenticate(&self, token: &str) -> Result<Context> {
        let token_id = text::id_of(token).ok_or_else(not_a_token)?;
        let hash = text::hash(token);
        let now = self.hub.now();
        if let Some(context) = self.hub.known_tokens.get(&hash, now) {
            return Ok(context);
        }
        let generation = self.hub.known_tokens.generation();
        let mut shown = vec![(token_id, hash)];
        shown.extend(self.hub.known_tokens.to_renew(&hash, now));
        let found = self.hub.store.read(Reach::nobody(), move |tx| boxed(rows::standing(tx, shown))).await?;
        let mut answer = Err(not_a_token());
        for (shown, standing) in found {
            let own = shown == (token_id, hash);
            match standing {
                Ok((_, Some(end))) if own && end <= now => {
                    answer = Err(Error::denied("token_expired", "this token has expired"));
                }
                Ok((context, expires_at)) => {
                    if own {
                        answer = Ok(context.clone());
                    }
                    self.hub.known_tokens.keep(generation, shown, context, now, expires_at);
                }
                Err(error) if own => answer = Err(error),
                // Whoever shows that token is told.
                Err(_) => {}
            }
        }
        answer
    }
}

async fn load(tx: &mut Tx, agent: Scoped, token_id: TokenId) -> Result<Token> {
    let row = tx.row(&rows::ONE, vec![agent.agent_id().into(), token_id.into()]).await?;
    rows::read(row.ok_or_else(unknown)?)
}

/// Checks a request as far as it goes without the database.
fn draft(new: NewToken) -> Result<Draft> {
    match new {
        NewToken::Operator { person_id, role } => Ok(Draft {
            kind: PrincipalKind::Operator,
            name: String::new(),
            person_id: Some(person_id),
            role: Some(role),
            device_id: None,
            scopes: Vec::new(),
            spaces: Vec::new(),
            expires_at: None,
        }),
        NewToken::Delegate { name: called, mut scopes, mut spaces, expires_at } => {
            let name = name(&called, "name")?;
            scopes.sort_unstable();
            scopes.dedup();
            spaces.sort_unstable();
            spaces.dedup();
            if spaces.is_empty() {
                return Err(Error::invalid("no_space", "a delegate needs at least one space").field("spaces"));
            }
            if spaces.len() > limits::DELEGATE_SPACES {
                let limit = format!("{} spaces", limits::DELEGATE_SPACES);
                return Err(
                    Error::limit("too_many_spaces", "a delegate has 1 to 100 spaces", limit).field("spaces")
                );
            }
            Ok(Draft {
                kind: PrincipalKind::Delegate,
                name,
                person_id: None,
                role: None,
                device_id: None,
                scopes,
                spaces,
                expires_at: Some(expires_at),
            })
        }
    }
}

/// Checks what a token names: everything in it must be there, in this agent.
async fn check(tx: &mut Tx, agent: Scoped, draft: &Draft) -> Result<()> {
    super::agents::load(tx, agent).await?;
    if let Some(person_id) = draft.person_id {
        super::people::load(tx, agent, person_id).await.map_err(|error| error.field("person_id"))?;
    }
    for space_id in &draft.spaces {
        super::spaces::load(tx, agent, *space_id).await.map_err(|error| error.field("spaces"))?;
    }
    if draft.expires_at.is_some_and(|end| end <= tx.now()) {
        return Err(expired_already());
    }
    Ok(())
}

/// An expiry that is not ahead.
pub(crate) fn expired_already() -> Error {
    Error::invalid("expired_already", "the expiry must lie ahead").field("expires_at")
}
