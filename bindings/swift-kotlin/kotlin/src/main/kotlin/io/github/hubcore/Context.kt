package io.github.hubcore

import kotlinx.serialization.json.JsonObject

/** Who calls: the first argument of every operation. A program that embeds the hub is trusted to say so. */
public class Context private constructor(internal val caller: JsonObject) {
    public companion object {
        /** Creates agents and what belongs to them; reads no content, approves nothing. */
        public fun admin(): Context = Context(given("kind" to "admin"))

        /** A person with a role. */
        public fun operator(agentId: String, personId: String, role: Role): Context =
            Context(given("kind" to "operator", "agent_id" to agentId, "person_id" to personId, "role" to word(role)))

        /** A satellite with scopes. */
        public fun device(agentId: String, deviceId: String, scopes: List<Scope>): Context =
            Context(given("kind" to "device", "agent_id" to agentId, "device_id" to deviceId, "scopes" to word(scopes)))

        /** Whoever stands behind a token of the hub. */
        public fun token(token: String): Context = Context(given("kind" to "token", "token" to token))
    }

    /** Its kind alone: a token is a secret. */
    override fun toString(): String = "Context(${caller["kind"]})"
}
