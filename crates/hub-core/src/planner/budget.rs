//! The tokens that models may use for an agent in a day, and what they used. The day is that of UTC.

use super::meter::Usage;
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::hub::Inner;
use crate::store::{Tx, boxed, declare};
use crate::{Error, Result};
use std::time::Duration;

/// The code of the refusal below.
pub(super) const SPENT: &str = "token_budget_spent";

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

declare! {
    SPEND = "INSERT INTO planner_usage (agent_id, day, planner, requests, input_tokens, output_tokens) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (agent_id, day, planner) DO UPDATE SET \
             requests = planner_usage.requests + excluded.requests, \
             input_tokens = planner_usage.input_tokens + excluded.input_tokens, \
             output_tokens = planner_usage.output_tokens + excluded.output_tokens";
    OF_DAY = "SELECT requests, input_tokens, output_tokens FROM planner_usage WHERE agent_id = $1 AND day = $2";
}

/// Days since 1970.
fn day_of(now: Timestamp) -> i64 {
    now.0.div_euclid(DAY_MICROS)
}

/// Until the next day begins.
fn rest_of_day(now: Timestamp) -> Duration {
    let left = DAY_MICROS - now.0.rem_euclid(DAY_MICROS);
    Duration::from_micros(u64::try_from(left).unwrap_or(0))
}

/// Adds what was spent, in the transaction of what it was spent for.
pub(super) fn spend(tx: &mut Tx, agent: Scoped, planner: &str, spent: Usage) {
    if spent.is_nothing() {
        return;
    }
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX).into();
    let mut parameters = vec![agent.agent_id().into(), day_of(tx.now()).into(), planner.into()];
    parameters.extend([spent.requests, spent.input_tokens, spent.output_tokens].map(number));
    tx.run(&SPEND, parameters);
}

/// What was spent for an agent today, by all its planners.
pub(crate) async fn today(tx: &mut Tx, agent: Scoped) -> Result<Usage> {
    let day = day_of(tx.now());
    let mut spent = Usage::default();
    for mut row in tx.rows(&OF_DAY, vec![agent.agent_id().into(), day.into()]).await? {
        let [requests, input_tokens, output_tokens] =
            [row.take(0)?, row.take(1)?, row.take(2)?].map(|count: i64| u64::try_from(count).unwrap_or(0));
        spent = spent.and(Usage { requests, input_tokens, output_tokens });
    }
    Ok(spent)
}

/// Refuses to ask a model once the budget is spent. Windows that are planned at the same moment are not
/// counted before they end, so a day may end over its budget by what they cost.
pub(super) async fn check(hub: &Inner, agent: Scoped) -> Result<()> {
    let budget = hub.settings.plan_tokens_per_day;
    let spent = hub.store.read(agent, move |tx| boxed(today(tx, agent))).await?;
    if spent.tokens() < budget {
        return Ok(());
    }
    let message = "the agent's tokens for today are spent; the window waits for the next day (UTC)";
    Err(Error::unavailable("token_budget_spent", message)
        .at_limit(format!("{budget} tokens a day"))
        .after(rest_of_day(hub.now())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_that_of_utc_and_its_rest_ends_at_midnight() {
        let noon = Timestamp(DAY_MICROS * 20_000 + DAY_MICROS / 2);
        assert_eq!(day_of(noon), 20_000);
        assert_eq!(rest_of_day(noon), Duration::from_secs(12 * 60 * 60));
        assert_eq!(rest_of_day(Timestamp(DAY_MICROS)), Duration::from_secs(24 * 60 * 60));
        assert_eq!(day_of(Timestamp(-1)), -1);
    }
}
