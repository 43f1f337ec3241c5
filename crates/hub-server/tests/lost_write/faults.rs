//! What goes wrong, in an order that the seed draws.

use crate::hub::LEASE;
use crate::postgres::Postgres;
use crate::proxy::Proxy;
use crate::seeded::Seeded;
use crate::shared::Shared;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Farthest that a clock is set off the machine's, either way.
pub(crate) const CLOCK_OFF_MINUTES: u64 = 11 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    KillHub,
    /// Stops a hub for longer than its leases, and lets it go on.
    StopHub,
    SlowDisk,
    ClockAhead,
    ClockBack,
    KillPostgres,
    CutConnections,
    CutAnswers,
}

/// Which faults a run draws from.
pub(crate) fn kinds(postgres: bool, only_kills: bool) -> Vec<Fault> {
    use Fault::*;
    match (only_kills, postgres) {
        (true, _) => vec![KillHub],
        (false, false) => {
            vec![KillHub, KillHub, KillHub, StopHub, SlowDisk, ClockAhead, ClockAhead, ClockBack]
        }
        (false, true) => vec![
            KillHub,
            StopHub,
            SlowDisk,
            ClockAhead,
            ClockAhead,
            ClockBack,
            KillPostgres,
            CutConnections,
            CutAnswers,
            CutAnswers,
        ],
    }
}

pub(crate) struct Faults {
    kinds: Vec<Fault>,
    deck: Vec<Fault>,
    random: Seeded,
}

/// What faults happen to.
pub(crate) struct Machine {
    pub(crate) postgres: Option<Postgres>,
    /// One before each hub.
    pub(crate) proxies: Vec<Proxy>,
}

impl Faults {
    pub(crate) fn new(kinds: Vec<Fault>, random: Seeded) -> Self {
        Self { kinds, deck: Vec::new(), random }
    }

    /// A few of them, with rests between; afterwards everything is up, but slow disks stay slow.
    pub(crate) async fn some(&mut self, machine: &mut Machine, shared: &Shared) {
        for _ in 0..1 + self.random.below(3) {
            let rest = self.random.millis(50, 350);
            tokio::time::sleep(rest).await;
            if shared.rest.load(Ordering::SeqCst) {
                return;
            }
            if self.deck.is_empty() {
                self.deck = self.kinds.clone();
                self.random.shuffle(&mut self.deck);
            }
            if let Some(fault) = self.deck.pop() {
                self.happen(fault, machine, shared).await;
            }
        }
        let rest = self.random.millis(50, 250);
        tokio::time::sleep(rest).await;
    }

    async fn happen(&mut self, fault: Fault, machine: &mut Machine, shared: &Shared) {
        let hub = self.random.index(shared.hubs.len());
        match fault {
            Fault::KillHub => self.kill_hub(hub, shared).await,
            Fault::StopHub => self.stop_hub(hub, shared).await,
            Fault::SlowDisk => {
                shared.fault("slow disk");
                let most = 2 + self.random.below(30);
                shared.hubs[hub].tell(&format!("disk 0 {most}")).await;
            }
            Fault::ClockAhead => {
                // Each makes a successor for whoever works at that moment.
                for _ in 0..1 + self.random.below(3) {
                    self.jump(hub, 1, shared).await;
                    tokio::time::sleep(self.random.millis(50, 400)).await;
                }
            }
            Fault::ClockBack => self.jump(hub, -1, shared).await,
            Fault::KillPostgres => {
                let Some(postgres) = &mut machine.postgres else { return };
                shared.fault("kill -9 of PostgreSQL");
                postgres.kill();
                tokio::time::sleep(self.random.millis(0, 200)).await;
                postgres.resume();
            }
            Fault::CutConnections => {
                shared.fault("closed connections");
                for _ in 0..1 + self.random.below(4) {
                    machine.proxies[hub].cut();
                    tokio::time::sleep(self.random.millis(5, 60)).await;
                }
            }
            Fault::CutAnswers => {
                shared.fault("answers of commits cut");
                machine.proxies[hub].cut_answers(1 + self.random.below(4));
                tokio::time::sleep(self.random.millis(50, 200)).await;
            }
        }
    }

    /// Some die at once, and some after their disk has hung for a while: commits are under way then.
    async fn kill_hub(&mut self, hub: usize, shared: &Shared) {
        if !self.random.once_in(4) {
            shared.fault("disk that hangs before a kill");
            shared.hubs[hub].tell("commits 40 160").await;
            tokio::time::sleep(self.random.millis(150, 500)).await;
        }
        shared.fault("kill -9 of a hub");
        shared.hubs[hub].kill();
        if self.random.once_in(3) {
            shared.fault("kill -9 of a hub that starts");
            let after = self.random.millis(5, 150);
            shared.hubs[hub].start_in_vain(after).await;
        }
        tokio::time::sleep(self.random.millis(0, 100)).await;
        shared.hubs[hub].start().await;
    }

    /// While it stands still, the clocks of the others pass its leases, those of tools too.
    async fn stop_hub(&mut self, hub: usize, shared: &Shared) {
        shared.fault("SIGSTOP of a hub");
        shared.hubs[hub].signal("STOP");
        for other in (0..shared.hubs.len()).filter(|other| *other != hub) {
            self.jump(other, 1, shared).await;
        }
        tokio::time::sleep(LEASE + self.random.millis(150, 500)).await;
        shared.hubs[hub].signal("CONT");
    }

    /// Sets a clock off by minutes or hours, ahead or back, and far back from the bound.
    async fn jump(&mut self, hub: usize, way: i64, shared: &Shared) {
        let bound = minutes_us(CLOCK_OFF_MINUTES);
        let far = shared.hubs[hub].clock() * way > bound - minutes_us(200);
        let way = if far { -3 * way } else { way };
        shared.fault(if way > 0 { "clock set ahead" } else { "clock set back" });
        // More than any lease lasts.
        let most = if self.random.once_in(4) { 180 } else { 10 };
        let minutes = 2 + self.random.below(most);
        let offset = shared.hubs[hub].clock() + way * minutes_us(minutes);
        shared.jumps.fetch_add(1, Ordering::SeqCst);
        shared.hubs[hub].set_clock(offset.clamp(-bound, bound)).await;
        shared.jumps.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends what is still wrong, so that every question can be answered.
    pub(crate) async fn end(&self, machine: &Machine, shared: &Shared) {
        for proxy in &machine.proxies {
            proxy.cut_answers(0);
        }
        for hub in &shared.hubs {
            hub.tell("disk 0 0").await;
            hub.tell("commits 0 0").await;
        }
    }
}

pub(crate) fn minutes_us(minutes: u64) -> i64 {
    i64::try_from(Duration::from_secs(60 * minutes).as_micros()).unwrap()
}
