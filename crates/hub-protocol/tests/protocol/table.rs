//! The requests by their names, each with what reads it, and the golden file that holds a sound body of each.

use hub_protocol::decode::{DecodeError, decode};
use hub_protocol::{actions::*, agents::*, consents::*, devices::*, events::*, memories::*, page::*};
use hub_protocol::{people::*, presence::*, recall::*, spaces::*, tokens::*};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Reads a body as one shape, and writes it again.
pub(crate) type Reader = fn(&[u8]) -> Result<Value, DecodeError>;

pub(crate) fn reader<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<Value, DecodeError> {
    decode::<T>(body).map(|read| serde_json::to_value(read).unwrap())
}

macro_rules! table {
    ($($name:literal $shape:ty),+ $(,)?) => {
        [$(($name, crate::table::reader::<$shape> as crate::table::Reader)),+]
    };
}
pub(crate) use table;

pub(crate) fn golden(part: &str) -> Map<String, Value> {
    let file: Value = serde_json::from_str(include_str!("../../testdata/shapes.json")).unwrap();
    file[part].as_object().unwrap().clone()
}

pub(crate) fn requests() -> Vec<(&'static str, Reader)> {
    table![
        "CreateAgent" CreateAgent, "PatchAgent" PatchAgent, "CreateSpace" CreateSpace, "PatchSpace" PatchSpace,
        "CreateDevice" CreateDevice, "PatchDevice" PatchDevice, "CreatePerson" CreatePerson,
        "PatchPerson" PatchPerson, "GrantConsent" GrantConsent, "CreateToken operator" CreateToken,
        "CreateToken delegate" CreateToken, "NewEvent" NewEvent, "TranscriptChunk" TranscriptChunk,
        "ReportPresence" ReportPresence, "RecallRequest" RecallRequest, "CreateMemory" CreateMemory,
        "PatchMemory" PatchMemory, "ProposeAction" ProposeAction, "ApproveAction" ApproveAction,
        "RejectAction" RejectAction, "ResolveAction" ResolveAction, "PageQuery" PageQuery,
    ]
    .to_vec()
}
