import Border

/// Code of this program, for the threads of the hub. What it throws belongs to its action or its window.
final class Code: BorderCode {
    private let work: @Sendable (String) async throws -> String

    init(_ work: @escaping @Sendable (String) async throws -> String) {
        self.work = work
    }

    func run(text: String) async throws -> String {
        do {
            return try await work(text)
        } catch is CancellationError {
            throw BorderFailure.Failed(said: "the run was cancelled", retryable: true)
        } catch let asked as Retry {
            throw BorderFailure.Failed(said: "Retry: \(asked.message)", retryable: true)
        } catch let error as HubError {
            throw BorderFailure.Failed(said: error.description, retryable: error.retryable)
        } catch {
            throw BorderFailure.Failed(said: "\(type(of: error)): \(error)", retryable: false)
        }
    }
}

/// Thrown by a planner when trying again later can help. What a tool throws ends its action.
public struct Retry: Error, Sendable {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }
}
