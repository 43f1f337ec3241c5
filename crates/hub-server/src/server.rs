//! The server: what it needs, how it accepts, how it stops.

mod accept;
mod arrival;
mod listener;
mod settings;
mod state;

pub use accept::{Stopped, serve};
pub(crate) use arrival::{Arrival, REQUEST_ID};
pub use listener::Listener;
pub use settings::Settings;
pub use state::AppState;

use axum::Router;

/// The routes with this state, for a program that accepts connections by itself.
///
/// [`serve`] adds what a listener needs beside: bounds on connections and headers, and the stop.
pub fn router(state: AppState) -> Router {
    crate::routes::router(state)
}
