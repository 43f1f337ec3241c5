//! The parts, one after the other.

use super::house::House;
use super::{Done, Figure};
use crate::cli::exit::Outcome;
use futures_util::future::try_join_all;
use hub_core::hub::WorkerRole;
use hub_core::memory::RecallRequest;
use std::path::Path;
use std::time::{Duration, Instant};

/// Callers at once, where there are many.
const CALLERS: usize = 32;
/// Events of a batch, and callers that send batches.
const BATCH: usize = 100;
const BATCHERS: usize = 4;
/// Events that are remembered before memory is asked.
const TALK: usize = 2_000;

/// Runs all parts in folders below that one, and tells each figure as it comes.
pub(super) async fn all(folder: &Path, lasting: Duration, tell: &dyn Fn(&Figure)) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut add = |figure: Figure| {
        tell(&figure);
        figures.push(figure);
    };
    let house = House::open(&folder.join("writes"), Vec::new()).await?;
    add(appended(&house, lasting, 1, 1).await?.figure("event after event, one caller", "events/s"));
    add(appended(&house, lasting, CALLERS, 1).await?.figure("single events, 32 callers", "events/s"));
    add(appended(&house, lasting, BATCHERS, BATCH).await?.figure("batches of 100, 4 callers", "events/s"));
    house.hub.shutdown().await;
    let house = House::open(&folder.join("memory"), WorkerRole::ALL.to_vec()).await?;
    add(remembered(&house).await?.figure("talk until recallable and planned", "events/s"));
    add(recalled(&house, lasting).await?.figure("recall, one caller", "recalls/s"));
    house.hub.shutdown().await;
    Ok(figures)
}

/// So many callers, each with one request of so many events under way.
async fn appended(house: &House, lasting: Duration, callers: usize, batch: usize) -> Outcome<Done> {
    let began = Instant::now();
    let caller = async || -> Outcome<Done> {
        let mut done = Done::default();
        while began.elapsed() < lasting {
            let events = (0..batch).map(|number| house.said(number)).collect::<Outcome<Vec<_>>>()?;
            let asked = Instant::now();
            house.hub.events().append(&house.owner, events).await?;
            done.each.push(asked.elapsed());
            done.count += u64::try_from(batch).unwrap_or(u64::MAX);
        }
        Ok(done)
    };
    let parts = try_join_all((0..callers).map(|_| caller())).await?;
    let mut all = Done { took: began.elapsed(), ..Done::default() };
    for part in parts {
        all.count += part.count;
        all.each.extend(part.each);
    }
    Ok(all)
}

/// Talk, sent in batches and waited for.
async fn remembered(house: &House) -> Outcome<Done> {
    let (began, mut each) = (Instant::now(), Vec::new());
    for first in (0..TALK).step_by(BATCH) {
        let events = (first..first + BATCH).map(|number| house.said(number)).collect::<Outcome<Vec<_>>>()?;
        let asked = Instant::now();
        house.hub.events().append(&house.owner, events).await?;
        each.push(asked.elapsed());
    }
    house.hub.drained(house.agent).await?;
    Ok(Done { count: u64::try_from(TALK).unwrap_or(u64::MAX), took: began.elapsed(), each })
}

/// Questions about what was said.
async fn recalled(house: &House, lasting: Duration) -> Outcome<Done> {
    let (began, mut done) = (Instant::now(), Done::default());
    while began.elapsed() < lasting {
        let question = format!("who looked at the violin of number {}?", done.count % 2_000);
        let asked = Instant::now();
        house.hub.memory().recall(&house.owner, RecallRequest::new(question)).await?;
        done.each.push(asked.elapsed());
        done.count += 1;
    }
    done.took = began.elapsed();
    Ok(done)
}
