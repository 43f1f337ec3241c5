/// What people consent to.
public struct Consents: Sendable {
    let calls: Calls

    /// Records a grant.
    public func grant(
        _ context: Context, _ personId: String, kind: ConsentKind, expiresAt: String? = nil
    ) async throws -> Consent {
        try await calls.ask(
            "consent.grant", context,
            arguments: ["person_id": .text(personId)],
            body: ["kind": .word(kind), "expires_at": .text(expiresAt)])
    }

    /// Shows a page of a person's grants.
    public func list(
        _ context: Context, _ personId: String, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<Consent> {
        try await calls.ask(
            "consent.list", context,
            arguments: ["person_id": .text(personId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Ends a grant and erases what rested on it.
    public func revoke(_ context: Context, _ consentId: String) async throws {
        try await calls.tell("consent.revoke", context, arguments: ["consent_id": .text(consentId)])
    }
}
