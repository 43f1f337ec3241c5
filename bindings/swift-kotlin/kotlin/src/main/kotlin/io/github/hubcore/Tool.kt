package io.github.hubcore

import kotlinx.serialization.KSerializer
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.serializer

/** One run of a tool: an approved action, as it was approved. */
@Serializable
public data class ToolCall(
    public val agentId: String,
    public val spaceId: String,
    public val actionId: String,
    public val arguments: JsonObject,
    public val attempt: Long,
    public val idempotencyKey: String,
)

/** Thrown by a planner when trying again later can help. What a tool throws ends its action. */
public class Retry(message: String) : Exception(message)

/** A function, and what it says of itself. [tool] makes one. */
public class Tool @PublishedApi internal constructor(
    internal val manifest: JsonObject,
    private val work: suspend (ToolCall) -> String,
) {
    /** Runs an approved action. */
    internal suspend fun run(call: String): String = work(border.decodeFromString(call))
}

/**
 * Makes a tool of a function.
 *
 * @param A the arguments: a serializable class; without [inputSchema] the schema comes from it
 * @param R the result: serializable, or `Unit`
 * @param version changed whenever the tool does something else
 * @param timeoutSeconds after which nobody waits any more
 * @param idempotent whether it may run twice under one `idempotencyKey`
 * @param run called once for each approved action, on a thread that it may block
 */
public inline fun <reified A, reified R> tool(
    name: String,
    description: String,
    version: String = "1.0.0",
    inputSchema: JsonObject = schemaOf(serializer<A>().descriptor),
    effect: Effect = Effect.EXTERNAL,
    scopes: List<Scope> = emptyList(),
    timeoutSeconds: Int = 30,
    idempotent: Boolean = false,
    noinline run: suspend (arguments: A, call: ToolCall) -> R,
): Tool {
    val manifest = manifest(name, description, version, inputSchema, effect, scopes, timeoutSeconds, idempotent)
    return Tool(manifest, work(serializer<A>(), serializer<R>(), run))
}

@PublishedApi
internal fun manifest(
    name: String,
    description: String,
    version: String,
    inputSchema: JsonObject,
    effect: Effect,
    scopes: List<Scope>,
    timeoutSeconds: Int,
    idempotent: Boolean,
): JsonObject = given(
    "name" to name,
    "version" to version,
    "description" to description,
    "input_schema" to inputSchema,
    "effect" to word(effect),
    "scopes" to word(scopes),
    "timeout_seconds" to timeoutSeconds,
    "idempotent" to idempotent,
)

@PublishedApi
internal fun <A, R> work(
    arguments: KSerializer<A>,
    result: KSerializer<R>,
    run: suspend (A, ToolCall) -> R,
): suspend (ToolCall) -> String = { call ->
    val answer = run(Json.decodeFromJsonElement(arguments, call.arguments), call)
    if (answer == Unit) JsonNull.toString() else Json.encodeToString(result, answer)
}
