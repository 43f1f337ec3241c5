package io.github.hubcore

/** Satellites. */
public class Devices internal constructor(private val calls: Calls) {
    /** Makes a device; its token is shown this once. */
    public suspend fun create(
        context: Context,
        agentId: String,
        name: String,
        scopes: List<Scope>,
    ): DeviceCreated =
        calls.ask(
            "devices.create",
            context,
            arguments = given("agent_id" to agentId),
            body = given("name" to name, "scopes" to word(scopes)),
        )

    /** Shows one. */
    public suspend fun get(context: Context, deviceId: String): Device =
        calls.ask("devices.get", context, arguments = given("device_id" to deviceId))

    /** Shows a page of them. */
    public suspend fun list(
        context: Context,
        agentId: String,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<Device> =
        calls.ask(
            "devices.list",
            context,
            arguments = given("agent_id" to agentId),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /** Changes what is given; scopes are all that it may do from now on. */
    public suspend fun update(
        context: Context,
        deviceId: String,
        name: String? = null,
        scopes: List<Scope>? = null,
    ): Device =
        calls.ask(
            "devices.update",
            context,
            arguments = given("device_id" to deviceId),
            body = given("name" to name, "scopes" to word(scopes)),
        )

    /** Gives it another token, shown this once; the former one stops working. */
    public suspend fun rotate(context: Context, deviceId: String): DeviceRotated =
        calls.ask("devices.rotate", context, arguments = given("device_id" to deviceId))

    /** Ends its token. */
    public suspend fun revoke(context: Context, deviceId: String): Device =
        calls.ask("devices.revoke", context, arguments = given("device_id" to deviceId))
}
