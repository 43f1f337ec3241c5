//! What must hold for any bytes at all, a function for each target. A panic is a finding.

mod canonical_json;
mod events;
mod meeting_file;
mod response;
mod rules_file;
mod talk;

pub use canonical_json::canonical_json;
pub use events::events;
pub use meeting_file::meeting_file;
pub use response::response;
pub use rules_file::rules_file;
