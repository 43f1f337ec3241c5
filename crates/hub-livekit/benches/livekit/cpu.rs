//! What a participant costs that publishes and receives speech without pause, beside Python's that does the same.

use crate::figure;
use crate::speaker::Speaker;
use crate::speech::Speech;
use crate::support::peer::Peer;
use crate::support::{Live, unique};
use hub_livekit::RoomOptions;
use serde_json::{Value, json};
use std::time::Duration;

/// Before anything is counted.
const WARM: Duration = Duration::from_secs(3);

pub async fn measure(live: &Live, speech: &Speech, during: Duration, figures: &mut Vec<Value>) {
    let name = unique("cpu");
    let peer = Peer::python().expect("Python's package");
    peer.join(live, &live.url, &name, "python").await;
    let wav = wav(speech);
    peer.order("publish", json!({ "wav": wav.path })).await;
    let two = RoomOptions::new().unwrap();
    let one = RoomOptions { one_connection: true, ..two.clone() };
    for (how, options) in [("", two), (", with one connection for both ways", one)] {
        let identity = unique("ours");
        let token = live.token(&name, &identity);
        let mut ours = Speaker::speak(&live.url, &token, options, speech).await;
        let mut audio = ours.hear().await;
        let hearing = tokio::spawn(async move { while audio.next().await.is_some() {} });
        let measuring = async {
            tokio::time::sleep(WARM).await;
            let before = (used("self"), used(&peer.pid().to_string()));
            tokio::time::sleep(during).await;
            (used("self") - before.0, used(&peer.pid().to_string()) - before.1)
        };
        let heard = peer.hear(&identity, (WARM + during).as_secs_f64() + 1.0);
        let ((ours_used, python_used), _heard) = tokio::join!(measuring, heard);
        drop(ours);
        hearing.await.unwrap();
        let minutes = during.as_secs_f64() / 60.0;
        let mut row = figure(
            &format!("one participant, publishing and receiving speech without pause{how}"),
            ours_used / minutes,
            "CPU s a minute",
            json!({ "at_most": 1.5 }),
        );
        row["beside"] = json!({
            "name": "Python's livekit package doing the same", "value": python_used / minutes, "unit": "CPU s a minute"
        });
        figures.push(row);
        figures.push(figure(
            &format!("the same beside Python's package{how}"),
            python_used / ours_used,
            "times less CPU",
            json!({ "at_least": 3.0 }),
        ));
    }
}

/// Seconds of processor time of a process so far.
fn used(process: &str) -> f64 {
    let told = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = told.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: f64 = [fields[11], fields[12]].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}

/// The same speech as a file, which goes with the value.
struct Wav {
    path: std::path::PathBuf,
}

impl Drop for Wav {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.path);
    }
}

fn wav(speech: &Speech) -> Wav {
    let samples = speech.seconds(30);
    let bytes = u32::try_from(samples.len() * 2).unwrap();
    let rate = crate::speech::RATE;
    let mut file = b"RIFF".to_vec();
    file.extend((bytes + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate.to_le_bytes().into_iter().chain((rate * 2).to_le_bytes()));
    file.extend(b"\x02\0\x10\0data");
    file.extend(bytes.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    let path = std::env::temp_dir().join(unique("hub-livekit-speech")).with_extension("wav");
    std::fs::write(&path, file).unwrap();
    Wav { path }
}
