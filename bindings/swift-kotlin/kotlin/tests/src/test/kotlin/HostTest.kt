import io.github.hubcore.ActionState
import io.github.hubcore.Context
import io.github.hubcore.ErrorKind
import io.github.hubcore.EventStatus
import io.github.hubcore.Hub
import io.github.hubcore.Plan
import io.github.hubcore.Planner
import io.github.hubcore.ProposedAction
import io.github.hubcore.ProposedMemory
import io.github.hubcore.Retry
import io.github.hubcore.Tier
import io.github.hubcore.Tool
import io.github.hubcore.said
import io.github.hubcore.tool
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

@Serializable
data class Lamp(val room: String, val percent: Int = 100)

@Serializable
data class LampSet(val set: Int)

@Serializable
data class Door(val which: String)

/** Tools and planners in Kotlin. */
class HostTest {
    @Test
    fun `a planner proposes and a tool runs after approval`(@TempDir folder: Path) = story {
        val done = CopyOnWriteArrayList<Pair<Lamp, String>>()
        val lamp = tool("lamp.set", "Sets a lamp.", idempotent = true) { lamp: Lamp, call ->
            delay(10)
            done.add(lamp to call.idempotencyKey)
            LampSet(lamp.percent)
        }
        val planner = Planner("mine", "1") { window ->
            val dim = buildJsonObject { put("room", "kitchen"); put("percent", 30) }
            Plan(actions = listOf(ProposedAction("lamp.set", dim, "asked for", window.utterances.map { it.eventId })))
        }
        Hub.open(folder, settings = FAST, tools = listOf(lamp), planner = planner).use { hub ->
            val home = household(hub)
            val stored = hub.events.append(home.owner, said(home.space, "Dim the light", personId = home.anna))
            assertEquals(listOf(EventStatus.STORED), stored.map { it.status })
            hub.drained(home.agent)
            val action = hub.actions.list(home.owner, home.agent).items.single()
            assertEquals(ActionState.AWAITING_APPROVAL to "lamp.set", action.state to action.tool)
            assertTrue(done.isEmpty())
            val stale = refused { hub.actions.approve(home.owner, action.actionId, "sha256:" + "0".repeat(64)) }
            assertEquals(ErrorKind.CONFLICT, stale.kind)
            hub.actions.approve(home.owner, action.actionId, action.bindingDigest)
            hub.drained(home.agent)
            val ended = hub.actions.get(home.owner, action.actionId)
            assertEquals(ActionState.DONE, ended.state)
            assertEquals(buildJsonObject { put("set", 30) }, ended.result)
            assertEquals(listOf(Lamp("kitchen", 30)), done.map { it.first })
            assertTrue(hub.audit.verify(Context.admin()).holds)
        }
    }

    /** Proposes, approves and runs a tool for a door. */
    private suspend fun open(hub: Hub, door: Tool): Pair<ActionState, String?> {
        hub.tools.register(door)
        val home = household(hub)
        val arguments = buildJsonObject { put("which", "7") }
        val action = hub.actions.propose(home.owner, home.agent, home.space, "door.open", arguments)
        hub.actions.approve(home.owner, action.actionId, action.bindingDigest)
        hub.drained(home.agent)
        val ended = hub.actions.get(home.owner, action.actionId)
        return ended.state to ended.problem?.detail
    }

    @Test
    fun `a tool that throws fails its action and nothing else`(@TempDir folder: Path) = story {
        val thrown = listOf(IllegalStateException("no door 7"), StackOverflowError("no door 7"))
        for ((number, what) in thrown.withIndex()) {
            Hub.open(folder.resolve("$number"), settings = FAST).use { hub ->
                val door = tool<Door, Unit>("door.open", "Opens a door.") { _, _ -> throw what }
                val (state, problem) = open(hub, door)
                assertTrue(state in setOf(ActionState.FAILED, ActionState.UNKNOWN), "$state")
                assertTrue("no door 7" in problem.orEmpty(), problem)
                val again = refused { hub.tools.register(door) }
                assertTrue(again.kind in setOf(ErrorKind.CONFLICT, ErrorKind.INVALID))
                val home = household(hub)
                val wrong = buildJsonObject { put("which", 7) }
                val refused = refused { hub.actions.propose(home.owner, home.agent, home.space, "door.open", wrong) }
                assertEquals(ErrorKind.INVALID, refused.kind)
            }
        }
    }

    @Test
    fun `a tool that never returns is given up, and told so`(@TempDir folder: Path) = story {
        val told = CompletableDeferred<Unit>()
        val waits = tool<Door, Unit>("door.open", "Opens a door.", timeoutSeconds = 1) { _, _ ->
            try {
                awaitCancellation()
            } finally {
                told.complete(Unit)
            }
        }
        Hub.open(folder.resolve("waits"), settings = FAST).use { hub ->
            val (state, _) = open(hub, waits)
            assertTrue(state in setOf(ActionState.FAILED, ActionState.UNKNOWN), "$state")
            told.await()
        }
        // One that blocks its thread cannot be told anything, and holds up nobody either.
        val ended = CountDownLatch(1)
        val blocks = tool("door.open", "Opens a door.", timeoutSeconds = 1) { _: Door, _ -> ended.await() }
        Hub.open(folder.resolve("blocks"), settings = FAST).use { hub ->
            val (state, _) = open(hub, blocks)
            assertTrue(state in setOf(ActionState.FAILED, ActionState.UNKNOWN), "$state")
            assertTrue(hub.audit.verify(Context.admin()).holds)
        }
        ended.countDown()
    }

    @Test
    fun `a planner may ask to be tried again`(@TempDir folder: Path) = story {
        val attempts = CopyOnWriteArrayList<String>()
        val planner = Planner("mine", "1") { window ->
            attempts.add(window.windowId)
            if (attempts.size == 1) throw Retry("the model is away")
            val source = window.utterances.first().eventId
            Plan(memories = listOf(ProposedMemory("Anna likes tea", "likes", 0.9, listOf(source))))
        }
        Hub.open(folder, settings = FAST, planner = planner).use { hub ->
            val home = household(hub)
            hub.events.append(home.owner, said(home.space, "I like tea", personId = home.anna))
            hub.drained(home.agent)
            assertEquals(2, attempts.size)
            assertEquals(attempts[0], attempts[1])
            val found = hub.memory.list(home.owner, home.agent, tier = Tier.SEMANTIC).items
            assertEquals(listOf("Anna likes tea"), found.map { it.content })
        }
    }

    @Serializable
    private data class Order(val cups: Long, val sugar: Boolean = false, val names: List<String>, val note: String? = null)

    @Test
    fun `the schema of a tool comes from its class`(@TempDir folder: Path) = story {
        Hub.open(folder).use { hub ->
            hub.tools.register(tool("tea.order", "Orders tea.") { _: Order, _ -> })
            val home = household(hub)
            val shown = hub.tools.list(home.owner, home.agent).items.single { it.tool == "tea.order" }
            val schema = shown.argumentsSchema as JsonObject
            assertEquals("""["cups","names"]""", schema.getValue("required").toString())
            val properties = schema.getValue("properties") as JsonObject
            assertEquals("""{"type":"integer"}""", properties.getValue("cups").toString())
            assertEquals(Json.parseToJsonElement("""{"type":"array","items":{"type":"string"}}"""), properties["names"])
            assertEquals("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", properties.getValue("note").toString())
            assertEquals(JsonPrimitive(false), schema.getValue("additionalProperties"))
            assertFailsWith<IllegalArgumentException> { tool("any", "Any.") { _: JsonObject, _ -> } }
        }
    }
}
