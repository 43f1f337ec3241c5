import io.github.hubcore.Context
import io.github.hubcore.ErrorKind
import io.github.hubcore.EventStatus
import io.github.hubcore.Hub
import io.github.hubcore.said
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Streams, cancellation, and what goes wrong. */
class BadInputTest {
    @Test
    fun `events are followed from where one was`(@TempDir folder: Path) = story {
        Hub.open(folder).use { hub ->
            val home = household(hub)
            hub.events.append(home.owner, said(home.space, "before"))
            val now = hub.events.end(home.owner, home.space)
            val listening = async { hub.events.follow(home.owner, home.space, now).take(2).toList() }
            for (text in listOf("one", "two", "three")) hub.events.append(home.owner, said(home.space, text))
            val heard = listening.await()
            assertEquals(listOf("one", "two"), heard.map { it.event.payload.getValue("text").jsonPrimitive.content })
            val rest = hub.events.follow(home.owner, home.space, heard.last().cursor).take(1).toList().single()
            assertEquals(JsonPrimitive("three"), rest.event.payload["text"])
            val waiting = launch { hub.events.follow(home.owner, home.space, rest.cursor).collect() }
            delay(100)
            waiting.cancelAndJoin()
        }
    }

    @Test
    fun `bad input is an error with a code`(@TempDir folder: Path) = story {
        val hub = Hub.open(folder)
        val home = household(hub)
        assertEquals(ErrorKind.CONFLICT, refused { Hub.open(folder) }.kind)
        assertEquals(ErrorKind.INVALID, refused { Hub.open(folder.resolve("other"), workers = listOf("cook")) }.kind)
        val nul = hub.events.append(home.owner, said(home.space, "a\u0000b")).single()
        assertEquals(EventStatus.REFUSED to "nul_character", nul.status to nul.problem?.code)
        for (half in listOf("half \ud83d", "\udc4b half")) {
            assertEquals("invalid_json", refused { hub.events.append(home.owner, said(home.space, half)) }.code)
            assertEquals("invalid_json", refused { hub.memory.recall(home.owner, half) }.code)
        }
        val nan = said(home.space, "hello").copy(payload = buildJsonObject { put("text", Double.NaN) })
        assertEquals("invalid_json", refused { hub.events.append(home.owner, nan) }.code)
        val unknown = refused { hub.spaces.get(home.owner, "00000000-0000-4000-8000-0000000000ff") }
        assertEquals("unknown_space" to false, unknown.code to unknown.retryable)
        val field = refused { hub.spaces.get(home.owner, "not a UUID") }
        assertEquals("malformed_id" to "space_id", field.code to field.context["field"])
        hub.shutdown()
        hub.shutdown()
        hub.close()
        val closed = refused { hub.agents.list(Context.admin()) }
        assertEquals(Triple(ErrorKind.UNAVAILABLE, "stopping", true), Triple(closed.kind, closed.code, closed.retryable))
    }

    @Test
    fun `a hundred megabytes are refused`(@TempDir folder: Path) = story {
        Hub.open(folder).use { hub ->
            val home = household(hub)
            val huge = "x".repeat(100_000_000)
            try {
                val result = hub.events.append(home.owner, said(home.space, huge)).single()
                assertEquals(EventStatus.REFUSED, result.status)
            } catch (error: io.github.hubcore.HubError) {
                assertTrue(error.kind in setOf(ErrorKind.LIMIT, ErrorKind.INVALID), "$error")
            }
            assertEquals(EventStatus.STORED, hub.events.append(home.owner, said(home.space, "small")).single().status)
        }
    }

    @Test
    fun `a write that is cancelled leaves a hub that goes on`(@TempDir folder: Path) = story {
        Hub.open(folder).use { hub ->
            val home = household(hub)
            var cancelled = 0
            repeat(100) { number ->
                val write = launch(start = CoroutineStart.UNDISPATCHED) {
                    try {
                        hub.events.append(home.owner, said(home.space, "number $number"))
                    } catch (gone: CancellationException) {
                        cancelled += 1
                        throw gone
                    }
                }
                if (number % 2 == 0) yield()
                write.cancelAndJoin()
            }
            assertTrue(cancelled > 0)
            assertEquals(EventStatus.STORED, hub.events.append(home.owner, said(home.space, "last")).single().status)
            assertTrue(hub.audit.verify(Context.admin()).holds)
        }
    }

    @Test
    fun `a shutdown ends the calls that wait`(@TempDir folder: Path) = story {
        val hub = Hub.open(folder)
        val home = household(hub)
        val waiting = async { refused { hub.events.follow(home.owner, home.space).collect() } }
        delay(100)
        hub.shutdown()
        assertEquals(ErrorKind.UNAVAILABLE, waiting.await().kind)
    }

    @Test
    fun `threads and event loops share a hub`(@TempDir folder: Path) = story {
        Hub.open(folder).use { hub ->
            val home = household(hub)
            val speakers = List(8) { number ->
                val place = if (number % 2 == 0) Dispatchers.IO else Dispatchers.Default
                async(place) {
                    repeat(50) {
                        val stored = hub.events.append(home.owner, said(home.space, "hello")).single()
                        assertEquals(EventStatus.STORED, stored.status)
                    }
                }
            }
            speakers.awaitAll()
            assertEquals(400, withContext(Dispatchers.IO) { hub.agents.status(Context.admin(), home.agent) }.counts["events"])
        }
    }
}
