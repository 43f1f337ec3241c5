import Foundation

/// What crosses the border: the shapes of `docs/PROTOCOL.md`, whose names are written with underscores.
enum Text {
    /// A value as JSON.
    static func written<Value: Encodable>(_ value: Value) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw HubError.invalid("invalid_json", "this cannot be written as JSON: \(error)")
        }
    }

    /// A value of the hub's.
    static func read<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(text.utf8))
    }

    /// A value of the hub's that knows the names as they are written.
    static func readAsWritten<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// A value of this program's, whose names are its own.
    static func plain<Value: Encodable>(_ value: Value) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
}

/// The fields that have a value.
func given(_ fields: [String: JSON?]) -> [String: JSON] {
    fields.compactMapValues { $0 }
}

extension JSON {
    static func text(_ value: String?) -> JSON? { value.map(JSON.string) }
    static func count(_ value: Int?) -> JSON? { value.map { .integer(Int64($0)) } }
    static func flag(_ value: Bool?) -> JSON? { value.map(JSON.bool) }
    static func word<Word: RawRepresentable<String>>(_ value: Word?) -> JSON? { value.map { .string($0.rawValue) } }
    static func words<Word: RawRepresentable<String>>(_ values: [Word]?) -> JSON? {
        values.map { .array($0.map { .string($0.rawValue) }) }
    }
}
