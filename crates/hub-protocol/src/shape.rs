//! How a shape is declared: requests refuse what they do not know, answers ignore it.

/// Declares bodies that callers send.
macro_rules! requests {
    ($($(#[$meta:meta])* pub struct $name:ident $body:tt)+) => {$(
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        $(#[$meta])*
        pub struct $name $body
    )+};
}

/// Declares bodies that the hub answers with.
macro_rules! answers {
    ($($(#[$meta:meta])* pub struct $name:ident $body:tt)+) => {$(
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        $(#[$meta])*
        pub struct $name $body
    )+};
}

pub(crate) use {answers, requests};

/// Reads an optional field that may be absent but not `null`: where absence means "for ever", a
/// caller who sends `null` may have meant a time that he failed to compute.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}
