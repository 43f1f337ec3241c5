package io.github.hubcore

import kotlinx.serialization.json.JsonObject

/** A token to be made. */
public sealed interface NewToken {
    /** For a person. */
    public data class Operator(public val personId: String, public val role: Role) : NewToken

    /** For another program, in some spaces, until a time of RFC 3339. */
    public data class Delegate(
        public val name: String,
        public val scopes: List<Scope>,
        public val spaces: List<String>,
        public val expiresAt: String,
    ) : NewToken
}

private val NewToken.body: JsonObject
    get() = when (this) {
        is NewToken.Operator -> given("kind" to "operator", "person_id" to personId, "role" to word(role))
        is NewToken.Delegate -> given(
            "kind" to "delegate",
            "name" to name,
            "scopes" to word(scopes),
            "spaces" to word(spaces),
            "expires_at" to expiresAt,
        )
    }

/** Tokens of people and of other programs. [Context.token] is whoever stands behind one. */
public class Tokens internal constructor(private val calls: Calls) {
    /** Makes a token, shown this once. */
    public suspend fun create(context: Context, agentId: String, token: NewToken): TokenCreated =
        calls.ask("tokens.create", context, arguments = given("agent_id" to agentId), body = token.body)

    /** Shows a page of them, without their secrets. */
    public suspend fun list(
        context: Context,
        agentId: String,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<Token> =
        calls.ask(
            "tokens.list",
            context,
            arguments = given("agent_id" to agentId),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /** Ends one. */
    public suspend fun revoke(context: Context, tokenId: String): Unit =
        calls.tell("tokens.revoke", context, arguments = given("token_id" to tokenId))
}
