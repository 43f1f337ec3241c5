import Foundation

/// Something that a person said, now and under a new id unless told otherwise.
public func said(
    _ spaceId: String,
    _ text: String,
    personId: String? = nil,
    eventId: String = UUID().uuidString.lowercased(),
    occurredAt: Date = Date()
) -> NewEvent {
    let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    return NewEvent(
        eventId: eventId,
        spaceId: spaceId,
        type: "transcript_chunk",
        occurredAt: occurredAt.formatted(time),
        personId: personId,
        payload: ["text": .string(text), "role": "user"]
    )
}
