/// What a person may do.
public enum Role: String, Codable, Sendable {
    case owner, member, guest
}

/// Where an action stands.
public enum ActionState: String, Codable, Sendable {
    case awaitingApproval = "awaiting_approval"
    case approved, running, done, failed, unknown, denied, rejected, cancelled, expired
}

/// What a person consents to.
public enum ConsentKind: String, Codable, Sendable {
    case voice, face, recording
}

/// How far a tool reaches.
public enum Effect: String, Codable, Sendable {
    case read, `internal`, external
}

/// What became of an event.
public enum EventStatus: String, Codable, Sendable {
    case stored, duplicate, `private`, refused
}

/// Whether somebody is in a space.
public enum PresenceState: String, Codable, Sendable {
    case present, away
}

/// Who plans for an agent.
public enum PlannerKind: String, Codable, Sendable {
    case rules, openai, both
}

/// What a device, or a tool, may use.
public enum Scope: String, Codable, Sendable {
    case eventsRead = "events:read"
    case eventsWrite = "events:write"
    case memoriesRead = "memories:read"
    case memoriesWrite = "memories:write"
    case presenceRead = "presence:read"
    case presenceWrite = "presence:write"
    case artifactsRead = "artifacts:read"
    case artifactsWrite = "artifacts:write"
    case biometricsWrite = "biometrics:write"
    case actionsRead = "actions:read"
    case actionsPropose = "actions:propose"
    case commandsReceive = "commands:receive"
    case mediaJoin = "media:join"
}

/// Word for word, or derived.
public enum Tier: String, Codable, Sendable {
    case episodic, semantic
}
