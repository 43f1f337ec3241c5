import Border

/// Carries calls to the hub.
final class Calls: Sendable {
    private let native: BorderHub

    init(native: BorderHub) {
        self.native = native
    }

    /// Runs an operation and reads its answer.
    func ask<Answer: Decodable>(
        _ operation: String,
        _ context: Context,
        arguments: [String: JSON?] = [:],
        page: [String: JSON?] = [:],
        body: [String: JSON?]? = nil
    ) async throws -> Answer {
        let body = try body.map { try Writer.written(.object(given($0))) }
        return try Text.read(try await text(operation, context, arguments: arguments, page: page, body: body))
    }

    /// Stores events. They are the many and the large of what crosses, so they are written and read straight.
    func append(_ context: Context, _ events: [NewEvent]) async throws -> [EventResult] {
        let body = try Writer.written(events)
        let answer: EventsAnswer = try Text.readAsWritten(
            try await text("events.append", context, arguments: [:], page: [:], body: body))
        return answer.results
    }

    /// Runs an operation that answers nothing.
    func tell(_ operation: String, _ context: Context, arguments: [String: JSON?]) async throws {
        _ = try await text(operation, context, arguments: arguments, page: [:], body: nil)
    }

    private func text(
        _ operation: String,
        _ context: Context,
        arguments: [String: JSON?],
        page: [String: JSON?],
        body: String?
    ) async throws -> String {
        var request = "{\"as\":" + (try Writer.written(context.caller))
        for (name, fields) in [("arguments", given(arguments)), ("page", given(page))] where !fields.isEmpty {
            request += ",\"\(name)\":" + (try Writer.written(.object(fields)))
        }
        if let body {
            request += ",\"body\":" + body
        }
        let written = request + "}"
        try Task.checkCancellation()
        // A task that is cancelled does not drop the future of the hub's: the hub has to be told.
        let stop = Stop()
        do {
            return try await withTaskCancellationHandler {
                try await guarded { try await native.call(operation: operation, request: written, stop: stop) }
            } onCancel: {
                stop.stop()
            }
        } catch let error as HubError where error.code == "cancelled" && Task.isCancelled {
            throw CancellationError()
        }
    }

    func register(_ tool: Tool) throws {
        let manifest = try Writer.written(tool.manifest)
        do {
            try native.register(manifest: manifest, code: Code(tool.work))
        } catch let told as BorderProblem {
            throw read(told)
        }
    }

    func shutdown() async {
        await native.shutdown()
    }
}

/// Turns what the native part throws into the error of this library.
func guarded<Answer: Sendable>(_ call: () async throws -> Answer) async throws -> Answer {
    do {
        return try await call()
    } catch let told as BorderProblem {
        throw read(told)
    }
}

/// The error that a problem in JSON stands for.
private func read(_ told: BorderProblem) -> Error {
    guard case .Told(let problem) = told else { return told }
    do {
        return try Text.read(problem, as: HubError.self)
    } catch {
        return error
    }
}
