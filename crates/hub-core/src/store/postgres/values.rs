//! Values on their way to PostgreSQL and back.

use crate::store::value::{Row, Value};
use crate::{Error, Result};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgRow, PgTypeInfo};
use sqlx::{Arguments as _, Row as _, TypeInfo as _, ValueRef as _};

/// A statement was given more or fewer parameters than it has.
#[derive(Debug, thiserror::Error)]
#[error("a statement has {0} parameters and was given {1}")]
struct Count(usize, usize);

/// A parameter is not of the type that the statement wants there, or a column of none that the hub has.
/// The value is not told: it may be what a person said.
#[derive(Debug, thiserror::Error)]
#[error("{what} {place} is {found}, where {wanted} is expected")]
struct Mistyped {
    what: &'static str,
    place: usize,
    found: String,
    wanted: String,
}

/// Binds values as the types that the server found in the statement.
pub(super) fn bind(arguments: &mut PgArguments, values: Vec<Value>, wanted: &[PgTypeInfo]) -> Result<()> {
    if values.len() != wanted.len() {
        return Err(Error::internal(Count(wanted.len(), values.len())));
    }
    for (index, (value, wanted)) in values.into_iter().zip(wanted).enumerate() {
        let found = kind(&value);
        let bound = add(arguments, value, wanted.name()).ok_or_else(|| {
            let (found, wanted) = (found.to_owned(), wanted.name().to_owned());
            Error::internal(Mistyped { what: "parameter", place: index + 1, found, wanted })
        })?;
        bound.map_err(Error::internal)?;
    }
    Ok(())
}

/// Adds one value, if it is of the type of that name. An absent one is of every type: its own is not
/// sent, for the statement was prepared without it.
fn add(
    arguments: &mut PgArguments,
    value: Value,
    wanted: &str,
) -> Option<std::result::Result<(), BoxDynError>> {
    Some(match (value, wanted) {
        (Value::Null, _) => arguments.add(Option::<i64>::None),
        (Value::Int(value), "INT8") => arguments.add(value),
        (Value::Int(value), "INT4") => arguments.add(i32::try_from(value).ok()?),
        #[allow(clippy::cast_precision_loss, reason = "as SQLite does in a column of floats; ours are small")]
        (Value::Int(value), "FLOAT8") => arguments.add(value as f64),
        (Value::Real(value), "FLOAT8") => arguments.add(value),
        (Value::Text(value), "TEXT" | "VARCHAR" | "NAME") => arguments.add(value),
        (Value::Blob(value), "BYTEA") => arguments.add(value),
        _ => return None,
    })
}

/// All values of one column.
pub(super) enum Column {
    Bytes(Vec<Option<Vec<u8>>>),
    Ints(Vec<Option<i64>>),
    Reals(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
}

impl Column {
    fn of(kind: char, rows: usize) -> Self {
        match kind {
            'b' => Self::Bytes(Vec::with_capacity(rows)),
            'i' => Self::Ints(Vec::with_capacity(rows)),
            'r' => Self::Reals(Vec::with_capacity(rows)),
            _ => Self::Texts(Vec::with_capacity(rows)),
        }
    }

    /// Takes a value, unless it is of another type, which it then tells.
    fn push(&mut self, value: Value) -> std::result::Result<(), (&'static str, &'static str)> {
        match (self, value) {
            (Self::Bytes(values), Value::Blob(value)) => values.push(Some(value)),
            (Self::Bytes(values), Value::Null) => values.push(None),
            (Self::Ints(values), Value::Int(value)) => values.push(Some(value)),
            (Self::Ints(values), Value::Null) => values.push(None),
            (Self::Reals(values), Value::Real(value)) => values.push(Some(value)),
            #[allow(
                clippy::cast_precision_loss,
                reason = "as SQLite does in a column of floats; ours are small"
            )]
            (Self::Reals(values), Value::Int(value)) => values.push(Some(value as f64)),
            (Self::Reals(values), Value::Null) => values.push(None),
            (Self::Texts(values), Value::Text(value)) => values.push(Some(value)),
            (Self::Texts(values), Value::Null) => values.push(None),
            (column, value) => return Err((kind(&value), column.kind())),
        }
        Ok(())
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Bytes(_) => "BYTEA",
            Self::Ints(_) => "INT8",
            Self::Reals(_) => "FLOAT8",
            Self::Texts(_) => "TEXT",
        }
    }

    /// Binds the column as one array.
    fn bind(self, arguments: &mut PgArguments) -> Result<()> {
        match self {
            Self::Bytes(values) => arguments.add(values),
            Self::Ints(values) => arguments.add(values),
            Self::Reals(values) => arguments.add(values),
            Self::Texts(values) => arguments.add(values),
        }
        .map_err(Error::internal)
    }
}

/// Columns as the parameters of a statement, an array each.
pub(super) fn arrays(columns: Vec<Column>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    columns.into_iter().try_for_each(|column| column.bind(&mut arguments))?;
    Ok(arguments)
}

/// Rows as columns of these types.
pub(super) fn columns(types: &str, rows: Vec<Vec<Value>>) -> Result<Vec<Column>> {
    let mut columns: Vec<Column> = types.chars().map(|kind| Column::of(kind, rows.len())).collect();
    for row in rows {
        if row.len() != columns.len() {
            return Err(Error::internal(Count(columns.len(), row.len())));
        }
        for (index, (column, value)) in columns.iter_mut().zip(row).enumerate() {
            column.push(value).map_err(|(found, wanted)| {
                let (found, wanted) = (found.to_owned(), wanted.to_owned());
                Error::internal(Mistyped { what: "column", place: index + 1, found, wanted })
            })?;
        }
    }
    Ok(columns)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "absent",
        Value::Int(_) => "an integer",
        Value::Real(_) => "a float",
        Value::Text(_) => "text",
        Value::Blob(_) => "bytes",
    }
}

/// Reads a row by the types of its columns.
pub(super) fn read(row: &PgRow) -> Result<Row> {
    let columns = (0..row.len()).map(|index| column(row, index)).collect::<Result<_>>()?;
    Ok(Row::new(columns))
}

fn column(row: &PgRow, index: usize) -> Result<Value> {
    let raw = row.try_get_raw(index).map_err(Error::internal)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let value = match raw.type_info().name() {
        "INT8" => row.try_get(index).map(Value::Int),
        "INT4" => row.try_get::<i32, _>(index).map(|value| Value::Int(value.into())),
        "BOOL" => row.try_get::<bool, _>(index).map(Value::from),
        "FLOAT8" => row.try_get(index).map(Value::Real),
        "TEXT" | "VARCHAR" | "NAME" => row.try_get(index).map(Value::Text),
        "BYTEA" => row.try_get(index).map(Value::Blob),
        other => {
            let (found, wanted) = (other.to_owned(), "a type of the hub".to_owned());
            return Err(Error::internal(Mistyped { what: "column", place: index, found, wanted }));
        }
    };
    value.map_err(Error::internal)
}
