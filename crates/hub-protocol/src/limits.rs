//! Bounds that both sides of the wire check. Each says its unit in its name.

macro_rules! limits {
    ($($(#[$said:meta])* $name:ident: $number:ty = $value:expr;)+) => {
        $($(#[$said])* pub const $name: $number = $value;)+

        /// Each by its name, for documents.
        pub const ALL: &[(&str, u64)] = &[$((stringify!($name), $name as u64)),+];
    };
}

limits! {
    /// Events in one request to `POST /v1/events`.
    EVENTS_PER_REQUEST: usize = 1_000;
    /// UTF-8 bytes of the text of one event.
    TEXT_BYTES: usize = 64 * 1024;
    /// UTF-8 bytes of the whole payload of one event, as canonical JSON.
    PAYLOAD_BYTES: usize = 128 * 1024;
    /// Characters of a name of an agent, space, device, person or token.
    NAME_CHARS: usize = 200;
    /// UTF-8 bytes of a recall query.
    QUERY_BYTES: usize = 4 * 1024;
    /// Memories that one recall may ask for.
    RECALL_K: u32 = 100;
    /// Items on one page of a list.
    PAGE_ITEMS: u32 = 500;
    /// Items on one page of a list when the caller names no number.
    PAGE_ITEMS_DEFAULT: u32 = 50;
    /// Hours by which `occurred_at` may lie ahead of the hub's clock.
    OCCURRED_AHEAD_HOURS: i64 = 24;
    /// UTF-8 bytes of the arguments of one action, as canonical JSON.
    ARGUMENTS_BYTES: usize = 64 * 1024;
    /// UTF-8 bytes of the content of one memory.
    MEMORY_BYTES: usize = 64 * 1024;
    /// UTF-8 bytes of the reason of an action.
    REASON_BYTES: usize = 4 * 1024;
    /// Levels of nesting in any JSON that a caller sends.
    JSON_DEPTH: usize = 32;
    /// UTF-8 bytes of one HTTP request body.
    BODY_BYTES: usize = 16 * 1024 * 1024;
    /// People that one artifact may name.
    ARTIFACT_PEOPLE: usize = 64;
    /// Spaces that a delegate's token may name.
    DELEGATE_SPACES: usize = 100;
    /// UTF-8 bytes of the JSON Schema of a custom event type.
    SCHEMA_BYTES: usize = 64 * 1024;
}
