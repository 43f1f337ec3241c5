//! The schema of a body that is one event or a batch.

use super::{EventsRequest, NewEvent, SingleEvent};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum Body {
    One(#[schema(inline)] SingleEvent),
    Batch(#[schema(inline)] Batch),
}

#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct Batch {
    #[schema(min_items = 1, max_items = 1000)]
    events: Vec<NewEvent>,
    sent_at: Option<String>,
}

impl PartialSchema for EventsRequest {
    fn schema() -> RefOr<Schema> {
        Body::schema()
    }
}

impl ToSchema for EventsRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Body::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn both_forms_are_in_the_schema() {
        let schema = serde_json::to_value(EventsRequest::schema()).unwrap();
        let text = schema.to_string();
        assert_eq!(schema.get("oneOf").and_then(|forms| forms.as_array()).unwrap().len(), 2, "{text}");
        assert!(text.contains("\"maxItems\":1000") && text.contains("occurred_at"), "{text}");
    }
}
