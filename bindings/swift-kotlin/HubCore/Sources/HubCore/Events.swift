/// What happened.
public struct Events: Sendable {
    let calls: Calls

    /// Stores events, and answers what became of each. What it calls stored is on the disk.
    @discardableResult
    public func append(_ context: Context, _ events: NewEvent...) async throws -> [EventResult] {
        try await append(context, events)
    }

    /// Stores a list of events, at most as many as `docs/PROTOCOL.md` says.
    @discardableResult
    public func append(_ context: Context, _ events: [NewEvent]) async throws -> [EventResult] {
        try await calls.append(context, events)
    }

    /// Shows a page of a space's events, in the order in which they were stored.
    public func list(
        _ context: Context, _ spaceId: String, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<Event> {
        try await calls.ask(
            "events.list", context, arguments: ["space_id": .text(spaceId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Forgets an event and everything that was derived from it.
    public func forget(_ context: Context, _ eventId: String) async throws {
        try await calls.tell("events.forget", context, arguments: ["event_id": .text(eventId)])
    }

    /// The cursor behind the newest event.
    public func end(_ context: Context, _ spaceId: String) async throws -> String {
        let end: End = try await calls.ask("events.end", context, arguments: ["space_id": .text(spaceId)])
        return end.cursor
    }

    /// Registers a type of events, `custom.` and a name, or replaces the schema of their payloads.
    public func putType(_ context: Context, _ agentId: String, _ type: String, schema: JSON) async throws -> EventType {
        try await calls.ask(
            "events.put_type", context,
            arguments: ["agent_id": .text(agentId), "type": .text(type)],
            body: ["schema": schema])
    }

    /// Shows a registered type.
    public func getType(_ context: Context, _ agentId: String, _ type: String) async throws -> EventType {
        try await calls.ask(
            "events.get_type", context, arguments: ["agent_id": .text(agentId), "type": .text(type)])
    }

    /// Shows a page of the registered types.
    public func listTypes(
        _ context: Context, _ agentId: String, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<EventType> {
        try await calls.ask(
            "events.list_types", context,
            arguments: ["agent_id": .text(agentId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Events as they happen, each with the cursor behind it: whoever was away goes on there.
    ///
    /// Without a cursor it begins with the oldest event; ``end(_:_:)`` gives the one for what comes from now on. It
    /// ends when the task that iterates is cancelled.
    public func follow(_ context: Context, _ spaceId: String, cursor: String? = nil) -> Following {
        Following(calls: calls, context: context, spaceId: spaceId, cursor: cursor)
    }
}

/// Events as they happen.
public struct Following: AsyncSequence, Sendable {
    public typealias Element = Followed

    let calls: Calls
    let context: Context
    let spaceId: String
    let cursor: String?

    public func makeAsyncIterator() -> Iterator {
        Iterator(following: self, cursor: cursor)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let following: Following
        var cursor: String?
        var waiting: ArraySlice<Event> = []

        public mutating func next() async throws -> Followed? {
            while waiting.isEmpty {
                let found: Page<Event> = try await following.calls.ask(
                    "events.follow", following.context, arguments: ["space_id": .text(following.spaceId)],
                    page: ["limit": 1, "cursor": .text(cursor)])
                cursor = found.nextCursor ?? cursor
                waiting = found.items[...]
            }
            return Followed(event: waiting.removeFirst(), cursor: cursor ?? "")
        }
    }
}

/// An event of a stream.
public struct Followed: Sendable {
    public let event: Event
    /// Goes on behind it.
    public let cursor: String
}
