//! The network, the server, and the addresses of this host.

use crate::ear::{Ear, Mouth, join};
use crate::network::Relay;
use crate::support::own::Own;
use crate::support::{Live, namespace, unique};
use crate::{Row, after, lost_and_back, shown};
use hub_livekit::{Room, RoomEvents};
use std::time::{Duration, Instant};

/// Somebody who speaks by that URL, and a listener by the server's own.
async fn pair(live: &Live, url: &str) -> (Room, RoomEvents, Mouth, Ear) {
    let name = unique("faults");
    let (listener, heard) = join(live, &live.url, &name, "listener").await;
    let ear = Ear::open(listener, heard);
    let (room, events) = join(live, url, &name, "speaker").await;
    let mouth = Mouth::open(&room).await;
    ear.moments.after(Instant::now()).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    (room, events, mouth, ear)
}

pub(crate) async fn socket_cut(live: &Live) -> Option<Row> {
    let relay = Relay::start(&live.url, 21).await;
    let (room, mut events, _mouth, ear) = pair(live, relay.url()).await;
    let began = Instant::now();
    relay.cut();
    let (lost, back) = lost_and_back(&mut events).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let silence = ear.moments.longest_silence(began);
    room.leave().await;
    Some(Row {
        fault: "Signalling socket cut",
        done: format!(
            "noticed after {}, the same stay again after {}",
            after(began, lost),
            after(began, back)
        ),
        heard: format!("longest silence {}", shown(silence)),
    })
}

pub(crate) async fn media_dead(live: &Live) -> Option<Row> {
    let relay = Relay::start(&live.url, 22).await;
    let (room, mut events, _mouth, ear) = pair(live, relay.url()).await;
    let began = Instant::now();
    relay.set_dead(true);
    let reviving = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        relay.set_dead(false);
        Instant::now()
    };
    let ((lost, back), alive) = tokio::join!(lost_and_back(&mut events), reviving);
    let again = ear.moments.after(alive).await;
    room.leave().await;
    Some(Row {
        fault: "UDP dead for 10 s",
        done: format!("noticed after {}, back {} after its end", after(began, lost), after(alive, back)),
        heard: format!("heard again {} after its end", after(alive, again)),
    })
}

pub(crate) async fn server_restarted() -> Option<Row> {
    let mut own = Own::start().await?;
    let live = own.live.clone();
    let (room, mut events, _mouth, ear) = pair(&live, &live.url).await;
    let began = Instant::now();
    own.stop().await;
    own.again().await;
    let started = Instant::now();
    let (lost, back) = lost_and_back(&mut events).await;
    let again = ear.moments.after(started).await;
    room.leave().await;
    Some(Row {
        fault: "Server killed and started again",
        done: format!(
            "noticed after {}, a new stay {} after the server answers",
            after(began, lost),
            after(started, back)
        ),
        heard: format!(
            "heard again {} after the server answers; longest silence {}",
            after(started, again),
            shown(ear.moments.longest_silence(began))
        ),
    })
}

pub(crate) async fn address_changed() -> Option<Row> {
    namespace::of_our_own()?;
    let host = namespace::Host::new("10.77.2").await;
    let own = Own::start_at(&host.server()).await?;
    let url = format!("ws://{}:{}", host.server(), own.address().port());
    let (room, mut events, _mouth, ear) = pair(&own.live, &url).await;
    let began = Instant::now();
    host.moves().await;
    let (lost, back) = lost_and_back(&mut events).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let silence = ear.moments.longest_silence(began);
    room.leave().await;
    Some(Row {
        fault: "Address of this host changed",
        done: format!(
            "noticed after {}, the same stay again after {}",
            after(began, lost),
            after(began, back)
        ),
        heard: format!("longest silence {}", shown(silence)),
    })
}
