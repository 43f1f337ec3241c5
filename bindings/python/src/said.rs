//! Events that are often sent.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Something that a person said, made in half of the time that Python takes: now, and under a new id, unless told.
#[pyfunction]
pub(crate) fn said<'py>(
    space_id: &Bound<'py, PyAny>,
    text: &Bound<'py, PyAny>,
    person_id: Option<&Bound<'py, PyAny>>,
    event_id: Option<&Bound<'py, PyAny>>,
    occurred_at: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = space_id.py();
    let payload = PyDict::new(py);
    payload.set_item(intern!(py, "text"), text)?;
    payload.set_item(intern!(py, "role"), intern!(py, "user"))?;
    let event = PyDict::new(py);
    let id = intern!(py, "event_id");
    match event_id {
        Some(given) => event.set_item(id, given)?,
        None => event.set_item(id, hub_bindings::new_id())?,
    }
    event.set_item(intern!(py, "space_id"), space_id)?;
    event.set_item(intern!(py, "type"), intern!(py, "transcript_chunk"))?;
    let at = intern!(py, "occurred_at");
    match occurred_at {
        Some(given) => event.set_item(at, given)?,
        None => event.set_item(at, hub_bindings::now())?,
    }
    event.set_item(intern!(py, "payload"), payload)?;
    if let Some(person) = person_id {
        event.set_item(intern!(py, "person_id"), person)?;
    }
    Ok(event)
}
