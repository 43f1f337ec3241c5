//! The packets of media: for each address of the server a port of ours, for each address of the participant
//! a socket towards the server.

use super::{Replaced, Weather};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use tokio::net::UdpSocket;

/// The longest packet of UDP.
const MOST_BYTES: usize = 65_535;

#[derive(Clone)]
pub(super) struct Media {
    weather: Arc<Mutex<Weather>>,
    ports: Arc<tokio::sync::Mutex<Vec<Replaced>>>,
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

impl Media {
    pub(super) fn new(weather: Arc<Mutex<Weather>>) -> Self {
        Self { weather, ports: Arc::default() }
    }

    /// The port of ours, on 127.0.0.1, that stands for an address of the server.
    pub(super) async fn port(&self, server: SocketAddr) -> u16 {
        let mut ports = self.ports.lock().await;
        if let Some((_, port)) = ports.iter().find(|(known, _)| *known == server) {
            return *port;
        }
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let port = socket.local_addr().unwrap().port();
        ports.push((server, port));
        // It ends when the relay and the last signalling connection have.
        tokio::spawn(listen(socket, server, Arc::downgrade(&self.ports), Arc::clone(&self.weather)));
        port
    }
}

/// Takes what participants send to one port of ours, until the relay is gone.
async fn listen<T>(ours: Arc<UdpSocket>, server: SocketAddr, relay: Weak<T>, weather: Arc<Mutex<Weather>>) {
    // Those who answer end with this task.
    let alive = Arc::new(());
    let mut towards: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut buffer = vec![0; MOST_BYTES];
    while relay.strong_count() > 0 {
        let Ok(received) = tokio::time::timeout(Duration::from_secs(1), ours.recv_from(&mut buffer)).await
        else {
            continue;
        };
        // An earlier packet that nobody took shows up as an error here.
        let Ok((length, participant)) = received else { continue };
        if weather.lock().unwrap().from.as_ref().is_some_and(|ports| !ports.contains(&participant.port())) {
            continue;
        }
        let socket = match towards.entry(participant) {
            Entry::Occupied(known) => Arc::clone(known.get()),
            Entry::Vacant(new) => {
                let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
                socket.connect(server).await.unwrap();
                let (from, to) = (Arc::clone(&socket), Arc::clone(&ours));
                tokio::spawn(answer(from, to, participant, Arc::downgrade(&alive), Arc::clone(&weather)));
                Arc::clone(new.insert(socket))
            }
        };
        forward(&weather, Direction::Up, buffer[..length].to_vec(), socket, None);
    }
}

/// Takes what the server sends to one socket of ours.
async fn answer(
    from: Arc<UdpSocket>,
    to: Arc<UdpSocket>,
    participant: SocketAddr,
    listening: Weak<()>,
    weather: Arc<Mutex<Weather>>,
) {
    let mut buffer = vec![0; MOST_BYTES];
    while listening.strong_count() > 0 {
        match tokio::time::timeout(Duration::from_secs(1), from.recv(&mut buffer)).await {
            Ok(Ok(length)) => {
                let packet = buffer[..length].to_vec();
                forward(&weather, Direction::Down, packet, Arc::clone(&to), Some(participant));
            }
            Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(_) => {}
        }
    }
}

fn forward(
    weather: &Mutex<Weather>,
    direction: Direction,
    packet: Vec<u8>,
    socket: Arc<UdpSocket>,
    to: Option<SocketAddr>,
) {
    let delays = {
        let mut weather = weather.lock().unwrap();
        let dead = weather.dead;
        weather.note(matches!(direction, Direction::Up), &packet);
        match direction {
            Direction::Up => weather.up.next(dead),
            Direction::Down => weather.down.next(dead),
        }
    };
    for delay in delays {
        let (packet, socket) = (packet.clone(), Arc::clone(&socket));
        // Nothing waits: a packet that a full socket does not take is lost, as on any network.
        let send = move || match to {
            Some(to) => socket.try_send_to(&packet, to),
            None => socket.try_send(&packet),
        };
        if delay.is_zero() {
            let _ = send();
        } else {
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                let _ = send();
            });
        }
    }
}
