/// What the caller of an operation that did not happen should do.
public enum ErrorKind: String, Codable, Sendable {
    case invalid, conflict, denied, unavailable, limit
    case notFound = "not_found"
    case `internal`
}

/// Why an operation did not happen.
public struct HubError: Error, Sendable, Hashable {
    /// What is wrong, in a sentence that may be shown to people.
    public let message: String
    /// What to do.
    public let kind: ErrorKind
    /// Stable; `docs/ERRORS.md` lists them.
    public let code: String
    /// Whether the same call may succeed later.
    public let retryable: Bool
    /// The `field` at fault, the `limit` that was passed, a `remedy`: each where it is known.
    public let context: [String: String]

    static func invalid(_ code: String, _ message: String) -> HubError {
        HubError(message: message, kind: .invalid, code: code, retryable: false, context: [:])
    }
}

extension HubError: Decodable {}

extension HubError: CustomStringConvertible {
    public var description: String { "HubError(\(code)): \(message)" }
}
