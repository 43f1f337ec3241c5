import io.github.hubcore.Hub
import io.github.hubcore.HubError
import io.github.hubcore.Tool
import io.github.hubcore.tool
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** A program of its own, which [ProcessTest] starts. */
suspend fun main(arguments: Array<String>) {
    val (what, folder) = arguments
    when (what) {
        "opens" -> opens(folder)
        "leaves" -> leaves(folder)
        "closes" -> closes(folder)
        "cycles" -> cycles(folder, arguments[2].toInt())
    }
}

/** Something that a tool holds. */
fun bell(held: ByteArray): Tool = tool("bell.ring", "Rings.") { _: Door, _ -> held[0].toInt() }

/** Opens and shuts down, and says how many kilobytes and threads there are more after the first ones. */
private suspend fun cycles(folder: String, count: Int) {
    suspend fun cycle() = Hub.open(folder, tools = listOf(bell(ByteArray(1)))).shutdown()
    repeat(200) { cycle() }
    System.gc()
    val (memory, threads) = resident() to threads()
    repeat(count) { cycle() }
    System.gc()
    println("${resident() - memory} ${threads() - threads}")
}

/** Closes, which waits on its thread, right behind a call. */
private suspend fun closes(folder: String) {
    Hub.open(folder).use { hub -> household(hub) }
    println("closed")
}

private suspend fun opens(folder: String) {
    try {
        Hub.open(folder).shutdown()
        println("opened")
    } catch (error: HubError) {
        println(error.kind)
    }
}

private suspend fun leaves(folder: String) {
    val runs = CompletableDeferred<Unit>()
    val waits = tool<Door, Unit>("door.open", "Opens a door.") { _, _ ->
        runs.complete(Unit)
        awaitCancellation()
    }
    val hub = Hub.open(folder, tools = listOf(waits))
    val home = household(hub)
    val arguments = buildJsonObject { put("which", "7") }
    val action = hub.actions.propose(home.owner, home.agent, home.space, "door.open", arguments)
    hub.actions.approve(home.owner, action.actionId, action.bindingDigest)
    runs.await()
    println("the tool runs")
    println("main ends")
}
