//! The token: what it says, and whether the server takes it.

use super::report::Chart;
use super::{PATIENCE, Patient, advice};
use crate::net::{self, Http};
use jiff::Timestamp;
use livekit_api::access_token::Claims;

/// Reads what the token says; answers whether it can be used to join.
pub(super) fn look(token: &str, chart: &mut Chart) -> bool {
    let Ok(claims) = Claims::from_unverified(token) else {
        chart.fail("token", "it is no token", "three parts of base64, with dots between them");
        return false;
    };
    let now = usize::try_from(Timestamp::now().as_second()).unwrap_or(0);
    let advice = "make a new one";
    if claims.exp <= now {
        chart.fail("token", format!("it expired {} s ago", now - claims.exp), advice);
        return false;
    }
    if claims.nbf > now + 60 {
        chart.fail("token", format!("it is good only in {} s", claims.nbf - now), "look at the clocks");
        return false;
    }
    if !claims.video.room_join || claims.video.room.is_empty() || claims.sub.is_empty() {
        chart.fail("token", "it does not let an identity join a room", advice);
        return false;
    }
    let (identity, room, left) = (&claims.sub, &claims.video.room, claims.exp - now);
    chart.pass("token", format!("{identity} may join {room}, for {left} s from now"));
    true
}

/// Asks the server what it thinks of the token; answers whether it takes it.
pub(super) async fn ask(patient: &Patient, token: &str, chart: &mut Chart) -> bool {
    let asked = async {
        let url = net::with_scheme(&patient.url, false)?;
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        let http = Http::new(&patient.tls)?;
        http.get(&format!("{url}/rtc/validate"), &headers, PATIENCE).await?.success()
    };
    let asked = asked.await;
    match &asked {
        Ok(_) => chart.pass("token", "the server takes it"),
        Err(error) => chart.fail("token", error.to_string(), advice(error)),
    }
    asked.is_ok()
}
