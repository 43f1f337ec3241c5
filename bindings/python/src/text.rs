//! Values of Python as JSON, and back.

use jiter::{PythonParse, StringCacheMode, map_json_error};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

/// Values within values that are written here.
const DEPTH: usize = 64;

/// A value as JSON, in a quarter of the time that Python takes.
///
/// # Errors
/// `HubError` for what is no JSON.
#[pyfunction]
pub(crate) fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut text = Vec::new();
    append(value, &mut text)?;
    Ok(String::from_utf8(text)?)
}

/// A request of an operation.
///
/// # Errors
/// As [`text`].
pub(crate) fn request(
    caller: &str,
    arguments: Option<&Bound<'_, PyDict>>,
    page: Option<&Bound<'_, PyDict>>,
    body: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let mut text = Vec::new();
    text.extend(br#"{"as":"#);
    text.extend(caller.as_bytes());
    if let Some(arguments) = arguments.filter(|given| !given.is_empty()) {
        text.extend(br#","arguments":"#);
        append(arguments, &mut text)?;
    }
    if let Some(page) = page.filter(|given| !given.is_empty()) {
        text.extend(br#","page":"#);
        append(page, &mut text)?;
    }
    if let Some(body) = body {
        text.extend(br#","body":"#);
        append(body, &mut text)?;
    }
    text.push(b'}');
    Ok(String::from_utf8(text)?)
}

/// What an answer of the hub says. Names are made once and kept: every answer has the same ones.
///
/// # Errors
/// `ValueError` for what is no JSON, which the hub does not say.
pub(crate) fn value<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let parse = PythonParse { cache_mode: StringCacheMode::Keys, ..PythonParse::default() };
    parse.python_parse(py, text.as_bytes()).map_err(|error| map_json_error(text.as_bytes(), &error))
}

/// Writes what is made of plain values of JSON alone. What to make of subclasses, of large numbers, of half a character and
/// of what is no JSON, Python's encoder knows.
fn append(value: &Bound<'_, PyAny>, text: &mut Vec<u8>) -> PyResult<()> {
    let start = text.len();
    if write(value, text, DEPTH).is_none() {
        text.truncate(start);
        let py = value.py();
        let calls = py.import(intern!(py, "hub_core._calls"))?;
        let written = calls.call_method1(intern!(py, "encoded"), (value,))?;
        text.extend(written.cast::<PyString>()?.to_str()?.as_bytes());
    }
    Ok(())
}

fn write(value: &Bound<'_, PyAny>, text: &mut Vec<u8>, depth: usize) -> Option<()> {
    let inside = depth.checked_sub(1)?;
    if let Ok(words) = value.cast_exact::<PyString>() {
        return write_words(words, text);
    }
    if let Ok(members) = value.cast_exact::<PyDict>() {
        text.push(b'{');
        for (number, (name, member)) in members.iter().enumerate() {
            if number > 0 {
                text.push(b',');
            }
            write_words(name.cast_exact::<PyString>().ok()?, text)?;
            text.push(b':');
            write(&member, text, inside)?;
        }
        text.push(b'}');
        return Some(());
    }
    if let Ok(items) = value.cast_exact::<PyList>() {
        return write_items(items.iter(), text, inside);
    }
    if let Ok(items) = value.cast_exact::<PyTuple>() {
        return write_items(items.iter(), text, inside);
    }
    write_scalar(value, text)
}

fn write_items<'py>(
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    text: &mut Vec<u8>,
    depth: usize,
) -> Option<()> {
    text.push(b'[');
    for (number, item) in items.enumerate() {
        if number > 0 {
            text.push(b',');
        }
        write(&item, text, depth)?;
    }
    text.push(b']');
    Some(())
}

fn write_words(words: &Bound<'_, PyString>, text: &mut Vec<u8>) -> Option<()> {
    serde_json::to_writer(text, words.to_str().ok()?).ok()
}

fn write_scalar(value: &Bound<'_, PyAny>, text: &mut Vec<u8>) -> Option<()> {
    if value.is_none() {
        text.extend(b"null");
    } else if let Ok(flag) = value.cast_exact::<PyBool>() {
        text.extend(if flag.is_true() { b"true".as_slice() } else { b"false" });
    } else if value.cast_exact::<PyInt>().is_ok() {
        serde_json::to_writer(text, &value.extract::<i64>().ok()?).ok()?;
    } else {
        let number = value.cast_exact::<PyFloat>().ok()?.value();
        number.is_finite().then(|| serde_json::to_writer(text, &number).ok())??;
    }
    Some(())
}
