//! The native part of the Python package `hub_core`: text across the border, and nothing decided.

mod host;
mod hub;
mod text;
mod waiting;

use pyo3::prelude::*;

/// The module `hub_core._native`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::host::Reply;
    #[pymodule_export]
    use super::hub::{Hub, NativeError, new_id, now, operations};
    #[pymodule_export]
    use super::text::plain_text;
    #[pymodule_export]
    use super::waiting::Pending;
}
