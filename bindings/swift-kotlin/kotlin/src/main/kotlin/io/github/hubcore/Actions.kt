package io.github.hubcore

import kotlinx.serialization.json.JsonObject

/** Proposed side effects. */
public class Actions internal constructor(private val calls: Calls) {
    /** Proposes a run of a tool. Nothing runs before a person approves it. */
    public suspend fun propose(
        context: Context,
        agentId: String,
        spaceId: String,
        tool: String,
        arguments: JsonObject,
        reason: String? = null,
        actionId: String? = null,
    ): Action =
        calls.ask(
            "actions.propose",
            context,
            arguments = given("agent_id" to agentId),
            body = given("space_id" to spaceId, "tool" to tool, "arguments" to arguments, "reason" to reason, "action_id" to actionId),
        )

    /** Shows one. */
    public suspend fun get(context: Context, actionId: String): Action =
        calls.ask("actions.get", context, arguments = given("action_id" to actionId))

    /** Shows a page of them. */
    public suspend fun list(
        context: Context,
        agentId: String,
        state: ActionState? = null,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<Action> =
        calls.ask(
            "actions.list",
            context,
            arguments = given("agent_id" to agentId, "state" to word(state)),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /** Approves exactly what was shown: `bindingDigest` is that of the action that the person saw. */
    public suspend fun approve(context: Context, actionId: String, bindingDigest: String): Action =
        calls.ask(
            "actions.approve",
            context,
            arguments = given("action_id" to actionId),
            body = given("binding_digest" to bindingDigest),
        )

    /** Rejects it. */
    public suspend fun reject(context: Context, actionId: String, reason: String? = null): Action =
        calls.ask(
            "actions.reject",
            context,
            arguments = given("action_id" to actionId),
            body = given("reason" to reason),
        )

    /** Takes a proposal back. */
    public suspend fun cancel(context: Context, actionId: String): Action =
        calls.ask("actions.cancel", context, arguments = given("action_id" to actionId))

    /** Says of an action whose outcome is unknown whether it happened. */
    public suspend fun resolve(context: Context, actionId: String, happened: Boolean): Action =
        calls.ask(
            "actions.resolve",
            context,
            arguments = given("action_id" to actionId),
            body = given("outcome" to if (happened) "done" else "failed"),
        )
}
