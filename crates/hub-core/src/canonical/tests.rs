#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod vectors;

use super::*;
use proptest::prelude::*;
use serde_json::{Map, json};

#[test]
fn members_are_sorted_by_utf_16_and_numbers_written_as_doubles() {
    let value =
        json!({"\u{20ac}": 1.0, "\u{10000}": 2.5e-7, "\u{fb33}": 1e21, "a": [null, true, "\u{7f}\n"]});
    let text = "{\"a\":[null,true,\"\u{7f}\\n\"],\"\u{20ac}\":1,\"\u{10000}\":2.5e-7,\"\u{fb33}\":1e+21}";
    assert_eq!(canonical(&value).unwrap(), text);
}

#[test]
fn numbers_that_would_share_a_text_are_refused() {
    let greatest = i64::try_from(INTEGER_MAX).unwrap();
    for good in [greatest, -greatest] {
        assert_eq!(canonical(&json!([good])).unwrap(), format!("[{good}]"));
    }
    for bad in [json!(greatest + 1), json!(-greatest - 1), json!({"a": [u64::MAX]}), json!(i64::MIN)] {
        assert_eq!(canonical(&bad).unwrap_err().code(), "number_precision");
    }
    // Beyond what an integer type holds, and with an exponent.
    for bad in ["100000000000000000001", "1e17", "-9007199254740992.0", "9.99e20"] {
        let bad: Value = serde_json::from_str(bad).unwrap();
        assert_eq!(canonical(&bad).unwrap_err().code(), "number_precision", "{bad}");
    }
    for (good, text) in
        [("1e21", "1e+21"), ("-6.02e23", "-6.02e+23"), ("9007199254740991.0", "9007199254740991")]
    {
        assert_eq!(canonical(&serde_json::from_str(good).unwrap()).unwrap(), text);
    }
}

/// Values with everything that the rules of the text are about: members in any order, marks that are escaped,
/// characters of several UTF-16 units, and doubles of any size.
fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[\\x00-\\x22\\\\/\\x7f-\\xff]{0,6}",
        "[a\u{e000}\u{fb33}\u{10000}]{0,3}"
    ];
    let double = prop_oneof![any::<f64>(), -1e3..1e3, -1e22..1e22, any::<u64>().prop_map(f64::from_bits)];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-100_i64..100).prop_map(Value::from),
        double.prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let members = prop::collection::vec((text.clone(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same value with the members of every object the other way round, as another sender writes it.
fn reversed(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[ {} ]", items.iter().map(reversed).collect::<Vec<_>>().join(" ,\n")),
        Value::Object(members) => {
            let members = members.iter().rev();
            let members = members.map(|(name, member)| format!("{} : {}", escaped(name), reversed(member)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(" ,\t"))
        }
        Value::String(text) => escaped(text),
        other => other.to_string(),
    }
}

/// A text with every character as an escape.
fn escaped(text: &str) -> String {
    format!("\"{}\"", text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect::<String>())
}

/// What two values with one text have in common: integers and doubles of one size are one number.
fn as_doubles(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            // Adding zero turns the negative zero into the other one.
            Value::from(number.as_f64().unwrap() + 0.0)
        }
        Value::Array(items) => items.iter().map(as_doubles).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), as_doubles(member))).collect())
        }
        other => other.clone(),
    }
}

/// Whether no object has its members in another order than that of their UTF-16 units, anywhere in the text.
fn is_sorted(value: &ordered::Value) -> bool {
    match value {
        ordered::Value::Leaf => true,
        ordered::Value::Array(items) => items.iter().all(is_sorted),
        ordered::Value::Object(members) => {
            members.is_sorted_by(|(one, _), (other, _)| one.encode_utf16().lt(other.encode_utf16()))
                && members.iter().all(|(_, member)| is_sorted(member))
        }
    }
}

/// JSON in which the members stay as they stand in the text.
mod ordered {
    use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

    pub(super) enum Value {
        Leaf,
        Array(Vec<Value>),
        Object(Vec<(String, Value)>),
    }

    impl<'de> Deserialize<'de> for Value {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Reader)
        }
    }

    struct Reader;

    macro_rules! leaves {
        ($($visit:ident $kind:ty),+) => {
            $(fn $visit<E>(self, _: $kind) -> Result<Value, E> { Ok(Value::Leaf) })+
        };
    }

    impl<'de> Visitor<'de> for Reader {
        type Value = Value;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("JSON")
        }

        leaves! { visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str }

        fn visit_unit<E>(self) -> Result<Value, E> {
            Ok(Value::Leaf)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
            let mut read = Vec::new();
            while let Some(item) = items.next_element()? {
                read.push(item);
            }
            items.next_element::<IgnoredAny>()?;
            Ok(Value::Array(read))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
            let mut read = Vec::new();
            while let Some(member) = members.next_entry()? {
                read.push(member);
            }
            Ok(Value::Object(read))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_text_is_read_back_and_written_again_as_it_was(value in values()) {
        let Ok(text) = canonical(&value) else { return Ok(()) };
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(as_doubles(&read), as_doubles(&value));
        prop_assert_eq!(canonical(&read).unwrap(), text);
    }

    #[test]
    fn order_space_and_escapes_of_the_sender_leave_no_trace(value in values()) {
        let other: Value = serde_json::from_str(&reversed(&value)).unwrap();
        prop_assert_eq!(canonical(&other).ok(), canonical(&value).ok());
    }

    #[test]
    fn two_values_have_one_text_only_when_they_are_one(one in values(), other in values()) {
        if let (Ok(one_text), Ok(other_text)) = (canonical(&one), canonical(&other)) {
            prop_assert_eq!(one_text == other_text, as_doubles(&one) == as_doubles(&other));
        }
    }

    #[test]
    fn members_stand_in_order_without_space(members in prop::collection::vec((any::<String>(), values()), 0..8)) {
        let members: Map<String, Value> = members.into_iter().collect();
        let Ok(text) = canonical_object(&members) else { return Ok(()) };
        prop_assert!(is_sorted(&serde_json::from_str(&text).unwrap()), "{}", text);
        let spaces = |text: &str| text.chars().filter(|c| c.is_ascii_whitespace()).count();
        let said = serde_json::to_string(&members).unwrap();
        prop_assert_eq!(spaces(&text), spaces(&said));
        prop_assert_eq!(canonical(&Value::Object(members)).unwrap(), text);
    }
}
