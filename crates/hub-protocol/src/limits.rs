//! Bounds that both sides of the wire check. Each says its unit in its name.

/// Events in one request to `POST /v1/events`.
pub const EVENTS_PER_REQUEST: usize = 1_000;
/// UTF-8 bytes of the text of one event.
pub const TEXT_BYTES: usize = 64 * 1024;
/// UTF-8 bytes of the whole payload of one event, as canonical JSON.
pub const PAYLOAD_BYTES: usize = 128 * 1024;
/// Characters of a name of an agent, space, device, person or token.
pub const NAME_CHARS: usize = 200;
/// UTF-8 bytes of a recall query.
pub const QUERY_BYTES: usize = 4 * 1024;
/// Memories that one recall may ask for.
pub const RECALL_K: u32 = 100;
/// Items on one page of a list.
pub const PAGE_ITEMS: u32 = 500;
/// Items on one page of a list when the caller names no number.
pub const PAGE_ITEMS_DEFAULT: u32 = 50;
/// Hours by which `occurred_at` may lie ahead of the hub's clock.
pub const OCCURRED_AHEAD_HOURS: i64 = 24;
/// UTF-8 bytes of the arguments of one action, as canonical JSON.
pub const ARGUMENTS_BYTES: usize = 64 * 1024;
/// UTF-8 bytes of the content of one memory.
pub const MEMORY_BYTES: usize = 64 * 1024;
/// UTF-8 bytes of the reason of an action.
pub const REASON_BYTES: usize = 4 * 1024;
/// Levels of nesting in any JSON that a caller sends.
pub const JSON_DEPTH: usize = 32;
/// UTF-8 bytes of one HTTP request body.
pub const BODY_BYTES: usize = 16 * 1024 * 1024;
/// People that one artifact may name.
pub const ARTIFACT_PEOPLE: usize = 64;
/// Spaces that a delegate's token may name.
pub const DELEGATE_SPACES: usize = 100;
/// UTF-8 bytes of the JSON Schema of a custom event type.
pub const SCHEMA_BYTES: usize = 64 * 1024;
