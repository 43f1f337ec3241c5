//! Reading a window for its plan.

use super::plan::{KnownPerson, Plan, Surroundings, Utterance, Window};
use super::traced::{self, Traced};
use crate::Result;
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::ids::{EventId, WindowId};
use crate::memory::record::Voice;
use crate::store::{Tx, declare};
use crate::trace::TraceContext;
use hub_protocol::vocabulary::{PlannerKind, SpeakerRole};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

declare! {
    WINDOW = "SELECT w.space_id, w.after_seq, w.to_seq, a.language, a.planner, s.privacy_mode FROM windows w \
              JOIN agents a ON a.agent_id = w.agent_id \
              JOIN spaces s ON s.agent_id = w.agent_id AND s.space_id = w.space_id \
              WHERE w.agent_id = $1 AND w.window_id = $2 AND w.state <> 'planned'";
    // What rests on a grant that has ended is shown to no planner.
    TALK = "SELECT e.event_id, e.person_id, e.role, e.payload, e.occurred_at, e.seq FROM events e \
            LEFT JOIN consents c ON c.agent_id = e.agent_id AND c.consent_id = e.consent_id \
            WHERE e.agent_id = $1 AND e.space_id = $2 AND e.seq > $3 AND e.seq <= $4 AND e.forgotten_at IS NULL \
            AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > $5) \
            AND e.type IN ('transcript_chunk', 'chat_message') ORDER BY e.seq";
    PEOPLE = "SELECT person_id, name FROM people WHERE agent_id = $1 AND deleted_at IS NULL ORDER BY person_id LIMIT 1000";
}

/// What was read of a window for its plan.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) window: Window,
    pub(super) planner: PlannerKind,
    /// Whether its space is private by now.
    pub(super) private: bool,
    pub(super) voice: Voice,
    /// Place and time of each utterance.
    pub(super) places: Arc<HashMap<EventId, (i64, Timestamp)>>,
    /// By which traces its talk came in, the last one last.
    pub(super) traced: Arc<[Traced]>,
}

impl Reading {
    /// As whose work the window is kept that `last` ended.
    pub(super) fn planner_name(&self, last: String) -> String {
        match self.planner {
            PlannerKind::Both => PlannerKind::Both.to_string(),
            PlannerKind::Rules | PlannerKind::OpenAi => last,
        }
    }

    /// By which traces those events came in.
    pub(super) fn traces_of(&self, events: &[EventId]) -> Vec<TraceContext> {
        let seqs: Vec<i64> =
            events.iter().filter_map(|id| self.places.get(id)).map(|(seq, _)| *seq).collect();
        let of = self.traced.iter().filter(|traced| seqs.iter().any(|seq| traced.has(*seq)));
        of.map(|traced| traced.context).collect()
    }

    /// Notes of what a plan disposes.
    pub(super) fn settle(&mut self, plan: &Plan) {
        let of_memories = plan.memories.iter().flat_map(|memory| &memory.source_event_ids);
        let of_actions = plan.actions.iter().flat_map(|action| &action.source_event_ids);
        let settled: HashSet<EventId> = of_memories.chain(of_actions).copied().collect();
        for utterance in &mut self.window.utterances {
            utterance.settled |= settled.contains(&utterance.event_id);
        }
    }
}

pub(super) async fn read(
    tx: &mut Tx,
    agent: Scoped,
    window_id: WindowId,
    time_zone: String,
) -> Result<Option<Reading>> {
    let own = agent.agent_id();
    let Some(mut row) = tx.row(&WINDOW, vec![own.into(), window_id.into()]).await? else { return Ok(None) };
    let (space_id, after, to): (crate::ids::SpaceId, i64, i64) = (row.take(0)?, row.take(1)?, row.take(2)?);
    let (language, planner): (String, PlannerKind) = (row.take(3)?, row.word(4)?);
    let private = row.take(5)?;
    let Some(voice) = Voice::of(tx, agent).await? else { return Ok(None) };
    let (mut utterances, mut places) = (Vec::new(), HashMap::new());
    let talk = vec![own.into(), space_id.into(), after.into(), to.into(), tx.now().into()];
    for mut row in tx.rows(&TALK, talk).await? {
        let (event_id, occurred_at) = (row.take(0)?, row.take(4)?);
        let payload: serde_json::Value = row.json(3)?;
        let field = |name| payload.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        places.insert(event_id, (row.take(5)?, occurred_at));
        utterances.push(Utterance {
            event_id,
            person_id: row.take(1)?,
            speaker: field("speaker"),
            role: row.word::<SpeakerRole>(2)?,
            text: field("text").unwrap_or_default(),
            occurred_at,
            settled: false,
        });
    }
    let mut people = Vec::new();
    for mut row in tx.rows(&PEOPLE, vec![own.into()]).await? {
        people.push(KnownPerson { person_id: row.take(0)?, name: row.take(1)? });
    }
    let traced = traced::of_window(tx, agent, space_id, (after, to)).await?.into();
    let surroundings = Surroundings::default();
    let window =
        Window { agent_id: own, space_id, window_id, language, time_zone, utterances, people, surroundings };
    Ok(Some(Reading { window, planner, private, voice, places: Arc::new(places), traced }))
}
