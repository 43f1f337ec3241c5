package io.github.hubcore

/** People. */
public class People internal constructor(private val calls: Calls) {
    /** Makes a person known. */
    public suspend fun create(context: Context, agentId: String, name: String): Person =
        calls.ask(
            "people.create",
            context,
            arguments = given("agent_id" to agentId),
            body = given("name" to name),
        )

    /** Shows one. */
    public suspend fun get(context: Context, personId: String): Person =
        calls.ask("people.get", context, arguments = given("person_id" to personId))

    /** Shows a page of them. */
    public suspend fun list(
        context: Context,
        agentId: String,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<Person> =
        calls.ask(
            "people.list",
            context,
            arguments = given("agent_id" to agentId),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /** Changes what is given. */
    public suspend fun update(context: Context, personId: String, name: String? = null): Person =
        calls.ask(
            "people.update",
            context,
            arguments = given("person_id" to personId),
            body = given("name" to name),
        )

    /** Forgets a person with everything that came from them. */
    public suspend fun delete(context: Context, personId: String): Unit =
        calls.tell("people.delete", context, arguments = given("person_id" to personId))
}
