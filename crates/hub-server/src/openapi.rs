//! The OpenAPI 3.1 document, made from the table of routes and the wire types.

use crate::routes::{Route, table};
use hub_core::protocol::limits;
use hub_core::protocol::problem::{PROBLEM_MEDIA_TYPE, Problem};
use std::collections::BTreeMap;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ArrayBuilder, ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder,
    Ref, RefOr, Required, ResponseBuilder, Schema,
};
use utoipa::{PartialSchema, ToSchema};

const TOKEN: &str = "token";

/// The operation of one route while its inputs and its answer describe themselves.
#[derive(Default)]
pub(crate) struct OperationDraft {
    operation: OperationBuilder,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

impl OperationDraft {
    fn with(&mut self, change: impl FnOnce(OperationBuilder) -> OperationBuilder) {
        self.operation = change(std::mem::take(&mut self.operation));
    }

    fn parameter(&mut self, parameter: impl Into<Parameter>) {
        self.with(|operation| operation.parameter(parameter));
    }

    pub(crate) fn path_id(&mut self, name: &str) {
        let id = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        self.parameter(parameter(name, ParameterIn::Path).schema(Some(id)));
    }

    pub(crate) fn path_text(&mut self, name: &str, description: &str) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let described = parameter(name, ParameterIn::Path).description(Some(description));
        self.parameter(described.schema(Some(text)));
    }

    pub(crate) fn query_number(&mut self, name: &str, description: &str, most: u32) {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(most));
        let described = parameter(name, ParameterIn::Query).description(Some(description));
        self.parameter(described.schema(Some(number)));
    }

    pub(crate) fn query_text(&mut self, name: &str, description: &str) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let described = parameter(name, ParameterIn::Query).description(Some(description));
        self.parameter(described.schema(Some(text)));
    }

    pub(crate) fn required_query_id(&mut self, name: &str, description: &str) {
        let id = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        let described = parameter(name, ParameterIn::Query).required(Required::True);
        self.parameter(described.description(Some(description)).schema(Some(id)));
    }

    pub(crate) fn header(&mut self, name: &str, description: &str) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let described = parameter(name, ParameterIn::Header).description(Some(description));
        self.parameter(described.schema(Some(text)));
    }

    /// A body of bytes of any type.
    pub(crate) fn bytes_body(&mut self) {
        let content = ContentBuilder::new().schema(Some(bytes())).build();
        let body = RequestBodyBuilder::new().content("application/octet-stream", content);
        self.with(|operation| operation.request_body(Some(body.required(Some(Required::True)).build())));
    }

    /// An answer of bytes of any type.
    pub(crate) fn bytes(&mut self, status: &str, description: &str) {
        self.response(status, description, "*/*", bytes().into());
    }

    pub(crate) fn query<T: ToSchema>(&mut self, name: &str, description: &str) {
        let schema = self.schema::<T>();
        let described = parameter(name, ParameterIn::Query).description(Some(description));
        self.parameter(described.schema(Some(schema)));
    }

    pub(crate) fn body<T: ToSchema>(&mut self, required: bool) {
        let content = ContentBuilder::new().schema(Some(self.schema::<T>())).build();
        let required = if required { Required::True } else { Required::False };
        let body = RequestBodyBuilder::new().content("application/json", content).required(Some(required));
        self.with(|operation| operation.request_body(Some(body.build())));
    }

    pub(crate) fn answer<T: ToSchema>(&mut self, status: &str, description: &str) {
        let schema = self.schema::<T>();
        self.response(status, description, "application/json", schema);
    }

    pub(crate) fn page<T: ToSchema>(&mut self) {
        let items = ArrayBuilder::new().items(self.schema::<T>());
        let cursor = ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Null]));
        let page = ObjectBuilder::new()
            .property("items", items)
            .required("items")
            .property("next_cursor", cursor)
            .required("next_cursor");
        self.response("200", "A page of the list.", "application/json", Schema::from(page.build()).into());
    }

    pub(crate) fn empty(&mut self, status: &str, description: &str) {
        let response = ResponseBuilder::new().description(description).build();
        self.with(|operation| operation.response(status, response));
    }

    pub(crate) fn text(&mut self, media_type: &str) {
        let body = if media_type == "application/json" { Type::Object } else { Type::String };
        let schema = Schema::from(ObjectBuilder::new().schema_type(body).build());
        self.response("200", "As asked.", media_type, schema.into());
    }

    fn response(&mut self, status: &str, description: &str, media_type: &str, schema: RefOr<Schema>) {
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let response = ResponseBuilder::new().description(description).content(media_type, content).build();
        self.with(|operation| operation.response(status, response));
    }

    /// Collects the schema of a type, and answers a reference to it.
    fn schema<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let name = T::name().into_owned();
        let mut others = Vec::new();
        T::schemas(&mut others);
        self.schemas.extend(others);
        self.schemas.insert(name.clone(), <T as PartialSchema>::schema());
        Ref::from_schema_name(name).into()
    }
}

/// Bytes: text of any kind, as OpenAPI 3.1 has it.
fn bytes() -> Schema {
    let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
    ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).build().into()
}

fn parameter(name: &str, place: ParameterIn) -> ParameterBuilder {
    let required = if place == ParameterIn::Path { Required::True } else { Required::False };
    ParameterBuilder::new().name(name).parameter_in(place).required(required)
}

/// The document as it is committed and served: JSON, indented, with a newline at its end.
#[must_use]
pub fn document_text() -> String {
    let mut text = in_numbers(document().to_pretty_json().unwrap_or_default());
    text.push('\n');
    text
}

/// Texts come from the comments of the shapes: where those link to a limit, readers of the document see the number.
fn in_numbers(text: String) -> String {
    limits::ALL.iter().fold(text, |text, (name, value)| {
        text.replace(&format!("[`crate::limits::{name}`]"), &value.to_string())
    })
}

/// The document.
fn document() -> OpenApi {
    let mut schemas = BTreeMap::new();
    let mut paths = PathsBuilder::new();
    for route in table() {
        let mut draft = OperationDraft::default();
        (route.describe)(&mut draft);
        let problem = draft.schema::<Problem>();
        draft.response("default", "Why it failed (RFC 9457).", PROBLEM_MEDIA_TYPE, problem);
        if !route.is_open {
            draft.with(|operation| operation.security(SecurityRequirement::new(TOKEN, Vec::<String>::new())));
        }
        let operation = draft
            .operation
            .summary(Some(route.summary))
            .operation_id(Some(operation_id(&route)))
            .tag(resource(route.path))
            .build();
        schemas.append(&mut draft.schemas);
        paths = paths.path(route.path, PathItem::new(method(route.method), operation));
    }
    let mut components = ComponentsBuilder::new();
    for (name, schema) in schemas {
        components = components.schema(name, schema);
    }
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let info = InfoBuilder::new()
        .title("hub")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("The hub for agents that live with people."))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()));
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components.security_scheme(TOKEN, bearer).build()))
        .build()
}

fn method(method: &str) -> HttpMethod {
    match method {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

/// The first word of the path after the version, such as `agents`.
fn resource(path: &str) -> &str {
    match path.strip_prefix("/v1/") {
        Some(rest) => rest.split('/').next().unwrap_or_default(),
        None => "hub",
    }
}

/// Method and path as one name, such as `post_agents_agent_id_spaces`.
fn operation_id(route: &Route) -> String {
    let words = route.path.trim_start_matches("/v1").split(|letter: char| !letter.is_ascii_alphanumeric());
    let mut id = route.method.to_ascii_lowercase();
    for word in words.filter(|word| !word.is_empty()) {
        id.push('_');
        id.push_str(word);
    }
    id
}
