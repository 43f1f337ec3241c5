// What the crossing costs in Kotlin; the benchmark `bindings` reads the document that this writes.

import io.github.hubcore.Context
import io.github.hubcore.EventStatus
import io.github.hubcore.Hub
import io.github.hubcore.Role
import io.github.hubcore.said
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.createTempDirectory

/** Rounds that the machine's compiler has to see before one of them counts. */
const val WARM: Int = 3

suspend fun <T> opened(work: suspend (Hub) -> T): T {
    val folder = createTempDirectory("hub-bench")
    try {
        return Hub.open(folder, workers = emptyList()).use { work(it) }
    } finally {
        folder.toFile().deleteRecursively()
    }
}

/** The microseconds of a call that does nothing: there and back. */
suspend fun calls(hub: Hub, count: Int): Double {
    var took = 0L
    repeat(WARM) {
        val start = System.nanoTime()
        repeat(count) { hub.version() }
        took = System.nanoTime() - start
    }
    return took / 1e3 / count
}

/** Events a second, so many batches under way at once. */
suspend fun ingest(hub: Hub, batches: Int, size: Int, beside: Int): Double {
    val admin = Context.admin()
    val agent = hub.agents.create(admin, name = "home").agentId
    val space = hub.spaces.create(admin, agent, name = "kitchen").spaceId
    val anna = hub.people.create(admin, agent, name = "Anna").personId
    val owner = Context.operator(agent, anna, Role.OWNER)
    val begun = AtomicInteger()
    val start = System.nanoTime()
    coroutineScope {
        repeat(beside) {
            launch {
                while (begun.getAndIncrement() < batches) {
                    val events = List(size) { said(space, "this is sentence $it") }
                    val results = hub.events.append(owner, events)
                    check(results.all { it.status == EventStatus.STORED }) { results }
                }
            }
        }
    }
    return batches * size / ((System.nanoTime() - start) / 1e9)
}

/** What the first hub of a process takes longer than the second: the native part is taken out of the JAR and loaded. */
suspend fun load(): Double {
    suspend fun open(): Long {
        val start = System.nanoTime()
        return opened { System.nanoTime() - start }
    }
    val first = open()
    return (first - open()) / 1e6
}

suspend fun main(arguments: Array<String>): Unit = withContext(Dispatchers.Default) {
    val numbers = arguments.drop(1).map(String::toInt)
    val (name, value) = when (val mode = arguments[0]) {
        "load" -> "load" to load()
        "calls" -> "async" to opened { calls(it, numbers[0]) }
        "ingest" -> {
            val (batches, size, beside) = numbers
            repeat(WARM - 1) { opened { ingest(it, batches, size, beside) } }
            "events" to opened { ingest(it, batches, size, beside) }
        }
        else -> error("there is no $mode")
    }
    println("{\"$name\":$value}")
}
