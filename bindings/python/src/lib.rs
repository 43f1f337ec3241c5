//! The native part of the Python package `hub_core`: text across the border, and nothing decided.

mod host;
mod hub;
mod said;
mod text;
mod waiting;

use mimalloc::MiMalloc;
use pyo3::prelude::*;

/// What the hub allocates with; Python's own objects are none of its business.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The module `hub_core._native`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::host::Reply;
    #[pymodule_export]
    use super::hub::{Hub, NativeError, operations};
    #[pymodule_export]
    use super::said::said;
    #[pymodule_export]
    use super::text::text;
    #[pymodule_export]
    use super::waiting::Pending;
}
