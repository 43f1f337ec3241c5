import Border
import Foundation

/// Something that a person said, now and under a new id unless told otherwise.
public func said(
    _ spaceId: String,
    _ text: String,
    personId: String? = nil,
    eventId: String? = nil,
    occurredAt: Date = Date()
) -> NewEvent {
    let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    return NewEvent(
        eventId: eventId ?? newId(),
        spaceId: spaceId,
        type: "transcript_chunk",
        occurredAt: occurredAt.formatted(time),
        personId: personId,
        payload: ["text": .string(text), "role": "user"]
    )
}
