package io.github.hubcore

/** What people consent to. */
public class Consents internal constructor(private val calls: Calls) {
    /** Records a grant. */
    public suspend fun grant(
        context: Context,
        personId: String,
        kind: ConsentKind,
        expiresAt: String? = null,
    ): Consent =
        calls.ask(
            "consent.grant",
            context,
            arguments = given("person_id" to personId),
            body = given("kind" to word(kind), "expires_at" to expiresAt),
        )

    /** Shows a page of a person's grants. */
    public suspend fun list(
        context: Context,
        personId: String,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<Consent> =
        calls.ask(
            "consent.list",
            context,
            arguments = given("person_id" to personId),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /** Ends a grant and erases what rested on it. */
    public suspend fun revoke(context: Context, consentId: String): Unit =
        calls.tell("consent.revoke", context, arguments = given("consent_id" to consentId))
}
