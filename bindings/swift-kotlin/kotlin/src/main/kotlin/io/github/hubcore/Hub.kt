package io.github.hubcore

import io.github.hubcore.border.BorderPlanner
import io.github.hubcore.border.BorderTool
import io.github.hubcore.border.openHub
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.JsonObject
import java.nio.file.Path
import kotlin.io.path.Path

/**
 * A hub in a folder. `Hub.open(folder).use { hub -> … }` shuts it down at the end.
 *
 * Every operation suspends; cancelling its coroutine ends the waiting, and what was handed to the writer is
 * still written. What goes wrong throws [HubError]. A hub may be used from any thread.
 */
public class Hub private constructor(private val calls: Calls) : AutoCloseable {
    public val agents: Agents = Agents(calls)
    public val spaces: Spaces = Spaces(calls)
    public val people: People = People(calls)
    public val devices: Devices = Devices(calls)
    public val tokens: Tokens = Tokens(calls)
    public val consent: Consents = Consents(calls)
    public val presence: Presences = Presences(calls)
    public val events: Events = Events(calls)
    public val memory: Memories = Memories(calls)
    public val actions: Actions = Actions(calls)
    public val planner: Planners = Planners(calls)
    public val tools: Tools = Tools(calls)
    public val audit: Audit = Audit(calls)

    /** Finishes what was accepted, stops the workers and closes the database. Again, it does nothing. */
    public suspend fun shutdown(): Unit = calls.shutdown()

    /** [shutdown], and waits on this thread. */
    override fun close(): Unit = runBlocking { shutdown() }

    /** Returns when everything that was said is recallable and planned, and what was approved has run. */
    public suspend fun drained(agentId: String): Unit =
        calls.tell("hub.drained", Context.admin(), given("agent_id" to agentId))

    /** The version of the hub inside, such as `0.1.0`. */
    public suspend fun version(): String =
        calls.ask<Version>("hub.version", Context.admin()).version

    public companion object {
        /**
         * Opens the hub of a folder, with its workers.
         *
         * @param databaseUrl `postgres://…` in place of SQLite in the folder
         * @param settings as in `docs/OPERATIONS.md`
         * @param workers which of `index`, `plan`, `tools`, `timers` run here; by default all of them
         * @param tools tools of this program
         * @param planner a planner of this program, in place of the rules
         */
        public suspend fun open(
            folder: Path,
            databaseUrl: String? = null,
            settings: JsonObject? = null,
            workers: List<String>? = null,
            tools: List<Tool> = emptyList(),
            planner: Planner? = null,
        ): Hub {
            Direct.ready()
            val options = given(
                "folder" to folder.toString(),
                "database_url" to databaseUrl,
                "settings" to settings,
                "workers" to word(workers),
            )
            val opening = written { options.toString() }
            val code = tools.map { tool -> BorderTool(written { tool.manifest.toString() }, Code(tool::run)) }
            val plans = planner?.run { BorderPlanner(name, version, Code(::run)) }
            return Hub(Calls(guarded { aside { openHub(opening, code, plans) } }))
        }

        /** The same, of a folder by its name. */
        public suspend fun open(
            folder: String,
            databaseUrl: String? = null,
            settings: JsonObject? = null,
            workers: List<String>? = null,
            tools: List<Tool> = emptyList(),
            planner: Planner? = null,
        ): Hub = open(Path(folder), databaseUrl, settings, workers, tools, planner)
    }
}
