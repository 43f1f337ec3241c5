// The shapes of what the hub answers: the same that travel over HTTP (docs/PROTOCOL.md).

/// A part of a list.
public struct Page<T: Codable & Sendable>: Codable, Sendable {
    public let items: [T]
    public let nextCursor: String?
}

/// What a verification of the log found.
public struct Report: Codable, Sendable {
    public let holds: Bool
    public let entries: Int
    public let problems: [String]
}

/// An agent.
public struct Agent: Codable, Sendable {
    public let agentId: String
    public let createdAt: String
    public let language: String
    public let name: String
    public let planner: PlannerKind
}

/// A space.
public struct Space: Codable, Sendable {
    public let agentId: String
    public let createdAt: String
    public let name: String
    public let privacyMode: Bool
    public let spaceId: String
}

/// A person.
public struct Person: Codable, Sendable {
    public let agentId: String
    public let createdAt: String
    public let name: String
    public let personId: String
}

/// A device; its token is never shown again.
public struct Device: Codable, Sendable {
    public let agentId: String
    public let createdAt: String
    public let deviceId: String
    public let name: String
    public let revokedAt: String?
    public let scopes: [Scope]
}

/// Answer to creating a device.
public struct DeviceCreated: Codable, Sendable {
    public let agentId: String
    public let createdAt: String
    public let deviceId: String
    public let name: String
    public let scopes: [Scope]
    public let token: String
}

/// A grant.
public struct Consent: Codable, Sendable {
    public let agentId: String
    public let consentId: String
    public let expiresAt: String?
    public let grantedAt: String
    public let kind: ConsentKind
    public let personId: String
    public let revokedAt: String?
}

/// An event as it is kept.
public struct Event: Codable, Sendable {
    public let agentId: String
    public let eventId: String
    public let occurredAt: String
    public let payload: JSON
    public let personId: String?
    public let receivedAt: String
    public let spaceId: String
    public let type: String
}

/// Why one part of a request that was otherwise answered came to nothing: an event of a batch, or the run of an action.
public struct PartProblem: Codable, Sendable {
    public let code: String
    public let detail: String
    public let field: String?
    public let limit: String?
    public let retryable: Bool
}

/// What became of one event.
public struct EventResult: Codable, Sendable {
    public let eventId: String?
    public let problem: PartProblem?
    public let status: EventStatus
}

/// Answer to `POST /v1/events`.
struct EventsAnswer: Decodable, Sendable {
    let results: [EventResult]

    private enum CodingKeys: CodingKey {
        case results
    }

    /// With the names that travel: a decoder that translates them takes twice as long.
    private struct Part: Decodable {
        let event_id: String?
        let problem: PartProblem?
        let status: EventStatus
    }

    init(from decoder: Decoder) throws {
        let parts = try decoder.container(keyedBy: CodingKeys.self).decode([Part].self, forKey: .results)
        results = parts.map { EventResult(eventId: $0.event_id, problem: $0.problem, status: $0.status) }
    }
}

/// A memory.
public struct Memory: Codable, Sendable {
    public let agentId: String
    public let confidence: Double?
    public let content: String
    public let createdAt: String
    public let memoryId: String
    public let occurredAt: String
    public let personId: String?
    public let predicate: String?
    public let sourceEventIds: [String]
    public let spaceId: String
    public let tier: Tier
}

/// How a memory earned its place.
public struct Why: Codable, Sendable {
    public let legs: [String: Double]?
    public let terms: [String]?
}

/// One memory and how it earned its place.
public struct RecalledMemory: Codable, Sendable {
    public let content: String
    public let memoryId: String
    public let occurredAt: String
    public let score: Double
    public let sourceEventIds: [String]
    public let tier: Tier
    public let why: Why
}

/// What was recalled.
public struct RecallAnswer: Codable, Sendable {
    public let memories: [RecalledMemory]
    public let partial: Bool
}

/// A person's decision.
public struct Approval: Codable, Sendable {
    public let bindingDigest: String
    public let consumedAt: String?
    public let decidedAt: String
    public let decision: String
    public let personId: String
}

/// An action.
public struct Action: Codable, Sendable {
    public let actionId: String
    public let agentId: String
    public let approvals: [Approval]
    public let arguments: JSON
    public let bindingDigest: String
    public let createdAt: String
    public let effect: Effect
    public let expiresAt: String
    public let policyVersion: Int
    public let problem: PartProblem?
    public let proposedBy: String
    public let reason: String
    public let result: JSON?
    public let scopes: [Scope]
    public let sourceEventIds: [String]
    public let spaceId: String
    public let state: ActionState
    public let tool: String
    public let toolSchemaDigest: String
    public let toolVersion: String
}

/// A tool.
public struct ToolShape: Codable, Sendable {
    public let argumentsSchema: JSON
    public let description: String
    public let effect: Effect
    public let idempotent: Bool
    public let scopes: [Scope]
    public let timeoutMs: Int
    public let tool: String
    public let toolSchemaDigest: String
    public let toolVersion: String
}

/// One entry.
public struct AuditEntry: Codable, Sendable {
    public let entry: JSON
    public let hash: String
    public let previousHash: String
    public let sequence: Int
}

/// Head of the log.
public struct AuditCheckpoint: Codable, Sendable {
    public let agentId: String
    public let head: String
    public let size: Int
}

/// Jobs of one queue. Drained means that `ready`, `leased` and `delayed` are 0.
public struct QueueStatus: Codable, Sendable {
    public let dead: Int
    public let delayed: Int
    public let leased: Int
    public let ready: Int
}

/// Size and head of the log.
public struct AuditStatus: Codable, Sendable {
    public let head: String
    public let size: Int
}

/// `GET /v1/agents/{agent_id}/status`.
public struct Status: Codable, Sendable {
    public let audit: AuditStatus
    public let counts: [String: Int]
    public let queues: [String: QueueStatus]
}

/// Answer to asking for the version.
struct Version: Codable, Sendable {
    let version: String
}

/// Answer to asking where a space's events end.
struct End: Codable, Sendable {
    let cursor: String
}

/// Answer to rotating a device's token: the former one has stopped working.
public struct DeviceRotated: Codable, Sendable {
    public let deviceId: String
    public let token: String
}

/// A token as a list shows it: never the secret.
public struct Token: Codable, Sendable {
    public let agentId: String
    public let createdAt: String
    public let expiresAt: String?
    /// `operator` or `delegate`.
    public let kind: String
    public let name: String?
    public let personId: String?
    public let revokedAt: String?
    public let role: Role?
    public let scopes: [Scope]?
    public let spaces: [String]?
    public let tokenId: String
}

/// Answer to creating a token.
public struct TokenCreated: Codable, Sendable {
    public let agentId: String
    public let expiresAt: String?
    /// `operator` or `delegate`.
    public let kind: String
    public let token: String
    public let tokenId: String
}

/// Where a person or a device was last reported; one of both ids is there.
public struct Presence: Codable, Sendable {
    public let deviceId: String?
    public let expiresAt: String
    public let observedAt: String
    public let personId: String?
    public let since: String
    public let spaceId: String
    public let state: PresenceState
}

/// A job that was given up.
public struct DeadLetter: Codable, Sendable {
    public let about: String
    public let agentId: String
    public let attempts: Int
    public let createdAt: String
    public let deadLetterId: String
    public let queue: String
    public let reason: String
}

/// Answer to trying a job again.
public struct DeadLetterReplayed: Codable, Sendable {
    public let deadLetterId: String
    public let queue: String
}

/// A registered type of event.
public struct EventType: Codable, Sendable {
    public let registeredAt: String
    public let schema: JSON
    public let type: String
}
