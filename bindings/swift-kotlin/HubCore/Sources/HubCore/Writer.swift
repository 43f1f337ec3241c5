/// Writes values of JSON as text: what crosses with every call. An encoder that serves any type takes many times as long.
struct Writer {
    private var text: [UInt8] = []

    /// A value as JSON.
    static func written(_ value: JSON) throws -> String {
        var writer = Writer()
        try writer.write(value)
        return String(decoding: writer.text, as: UTF8.self)
    }

    /// Events as the body of a request.
    static func written(_ events: [NewEvent]) throws -> String {
        var writer = Writer()
        writer.plain("{\"events\":[")
        for (place, event) in events.enumerated() {
            if place > 0 { writer.plain(",") }
            try writer.write(event)
        }
        writer.plain("]}")
        return String(decoding: writer.text, as: UTF8.self)
    }

    private mutating func write(_ event: NewEvent) throws {
        plain("{\"event_id\":")
        quoted(event.eventId)
        plain(",\"space_id\":")
        quoted(event.spaceId)
        plain(",\"type\":")
        quoted(event.type)
        plain(",\"occurred_at\":")
        quoted(event.occurredAt)
        if let person = event.personId {
            plain(",\"person_id\":")
            quoted(person)
        }
        plain(",\"payload\":")
        try write(event.payload)
        plain("}")
    }

    private mutating func write(_ value: JSON) throws {
        switch value {
        case .null: plain("null")
        case .bool(let flag): plain(flag ? "true" : "false")
        case .integer(let number): plain(String(number))
        case .number(let number):
            // Its description is JSON, and the shortest that reads back as the same number.
            guard number.isFinite else {
                throw HubError.invalid("invalid_json", "this cannot be written as JSON: \(number) is no number of it")
            }
            plain(number.description)
        case .string(let words): quoted(words)
        case .array(let items): try write(items)
        case .object(let members): try write(members)
        }
    }

    private mutating func write(_ items: [JSON]) throws {
        text.append(UInt8(ascii: "["))
        var first = true
        for item in items {
            if !first { text.append(UInt8(ascii: ",")) }
            first = false
            try write(item)
        }
        text.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ members: [String: JSON]) throws {
        text.append(UInt8(ascii: "{"))
        var first = true
        for (name, member) in members {
            if !first { text.append(UInt8(ascii: ",")) }
            first = false
            quoted(name)
            text.append(UInt8(ascii: ":"))
            try write(member)
        }
        text.append(UInt8(ascii: "}"))
    }

    private mutating func plain(_ words: String) {
        text.append(contentsOf: words.utf8)
    }

    private mutating func quoted(_ words: String) {
        text.append(UInt8(ascii: "\""))
        var words = words
        words.withUTF8 { bytes in
            if bytes.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                text.append(contentsOf: bytes)
            } else {
                bytes.forEach { escaped($0) }
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            text.append(UInt8(ascii: "\\"))
            text.append(byte)
        case 0..<0x20:
            let digits = String(byte, radix: 16)
            plain("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: text.append(byte)
        }
    }
}
