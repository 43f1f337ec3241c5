//! Temporary.
use crate::{Error, Result};
use serde_json::Value;
#[derive(Debug)]
pub struct JsonSchema;
impl JsonSchema {
    pub fn compile(_: &Value) -> Result<Self> {
        Ok(Self)
    }
    pub fn check(&self, _: &Value, _: &str) -> Result<()> {
        Ok(())
    }
}
pub fn check_depth(_: &Value, field: &str) -> Result<()> {
    if field.is_empty() {
        return Err(Error::invalid("x", "x"));
    }
    Ok(())
}
