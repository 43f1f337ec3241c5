/// An event as it is sent.
public struct NewEvent: Sendable, Hashable {
    public var eventId: String
    public var spaceId: String
    public var type: String
    /// RFC 3339, with a zone.
    public var occurredAt: String
    public var personId: String?
    /// As the type demands: an object.
    public var payload: JSON

    public init(
        eventId: String, spaceId: String, type: String, occurredAt: String, personId: String? = nil, payload: JSON
    ) {
        self.eventId = eventId
        self.spaceId = spaceId
        self.type = type
        self.occurredAt = occurredAt
        self.personId = personId
        self.payload = payload
    }
}
