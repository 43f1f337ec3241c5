package io.github.hubcore

/** Who is where. */
public class Presences internal constructor(private val calls: Calls) {
    /** Reports who is in a space, or has left it: the caller unless somebody is named. */
    public suspend fun report(
        context: Context,
        spaceId: String,
        state: PresenceState,
        personId: String? = null,
    ): Presence =
        calls.ask(
            "presence.report",
            context,
            arguments = given("space_id" to spaceId),
            body = given("state" to word(state), "person_id" to personId),
        )

    /** Shows what was reported of a space and still counts. */
    public suspend fun list(context: Context, spaceId: String): Page<Presence> =
        calls.ask("presence.list", context, arguments = given("space_id" to spaceId))
}
