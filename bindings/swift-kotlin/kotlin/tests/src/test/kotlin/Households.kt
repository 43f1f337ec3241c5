import io.github.hubcore.Context
import io.github.hubcore.Hub
import io.github.hubcore.HubError
import io.github.hubcore.Role
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import java.nio.file.Files
import java.nio.file.Path
import kotlin.test.assertFailsWith
import kotlin.time.Duration.Companion.seconds

/** Windows end soon. */
val FAST: JsonObject = buildJsonObject { put("window_pause_ms", 50) }

/** Somebody at home. */
class Household(val owner: Context, val agent: String, val space: String, val anna: String)

suspend fun household(hub: Hub): Household {
    val admin = Context.admin()
    val agent = hub.agents.create(admin, name = "home").agentId
    val space = hub.spaces.create(admin, agent, name = "kitchen").spaceId
    val anna = hub.people.create(admin, agent, name = "Anna").personId
    return Household(Context.operator(agent, anna, Role.OWNER), agent, space, anna)
}

/** A test that ends. */
fun story(tell: suspend CoroutineScope.() -> Unit): Unit = runBlocking { withTimeout(120.seconds, tell) }

suspend fun refused(call: suspend () -> Unit): HubError = assertFailsWith<HubError> { call() }

/** Kilobytes of this process in memory. */
fun resident(): Long = status("VmRSS")

fun threads(): Long = status("Threads")

private fun status(name: String): Long {
    val line = Files.readAllLines(Path.of("/proc/self/status")).first { it.startsWith("$name:") }
    return line.filter(Char::isDigit).toLong()
}
