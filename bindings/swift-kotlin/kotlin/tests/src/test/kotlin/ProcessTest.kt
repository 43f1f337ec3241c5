import io.github.hubcore.Hub
import io.github.hubcore.Tool
import io.github.hubcore.tool
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir
import java.lang.ref.WeakReference
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** Processes, and what a hub leaves behind in one. */
class ProcessTest {
    private fun child(vararg arguments: String): Process {
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        // All of the heap from the beginning: what grows then is not garbage that waits to be collected.
        val machine = listOf(java, "-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch")
        val command = machine + listOf("-cp", System.getProperty("java.class.path"), "ChildKt") + arguments
        val builder = ProcessBuilder(command).redirectErrorStream(true)
        // The C library's arena of each thread that has ended is kept by it, and is no leak.
        builder.environment()["MALLOC_ARENA_MAX"] = "1"
        return builder.start()
    }

    private fun Process.ended(minutes: Long = 1): Pair<Int, String> {
        val said = CompletableFuture.supplyAsync { inputStream.bufferedReader().readText() }
        try {
            assertTrue(waitFor(minutes, TimeUnit.MINUTES), "it still runs")
        } finally {
            destroyForcibly()
        }
        return exitValue() to said.get()
    }

    @Test
    fun `a process ends while its hub is open and a tool of it runs`(@TempDir folder: Path) {
        assertEquals(0 to "the tool runs\nmain ends\n", child("leaves", folder.toString()).ended())
    }

    @Test
    fun `a program without a dispatcher may close its hub`(@TempDir folder: Path) {
        assertEquals(0 to "closed\n", child("closes", folder.toString()).ended())
    }

    @Test
    fun `a folder belongs to one process`(@TempDir folder: Path) {
        runBlocking {
            Hub.open(folder).use {
                assertEquals(0 to "CONFLICT\n", child("opens", folder.toString()).ended())
            }
        }
        assertEquals(0 to "opened\n", child("opens", folder.toString()).ended())
    }

    @Test
    fun `hubs one after the other leave nothing`(@TempDir folder: Path) {
        // A long run counts more of them.
        val cycles = System.getenv("HUB_CYCLES") ?: "150"
        val (status, said) = child("cycles", folder.toString(), cycles).ended(minutes = 30)
        println(said)
        assertEquals(0, status, said)
        val (kilobytes, threads) = said.trim().split(" ").map(String::toLong)
        // A leak of 32 kB a cycle would be 4,800 kB; what the compiler keeps is less.
        assertTrue(kilobytes < 4_096, "$kilobytes kB")
        assertTrue(threads <= 4, "$threads threads")
    }

    @Test
    fun `a tool is let go with its hub`(@TempDir folder: Path) = story {
        val let = opened(folder)
        repeat(200) {
            if (let.get() == null) return@story
            System.gc()
            delay(20)
        }
        assertNull(let.get())
    }

    private suspend fun opened(folder: Path): WeakReference<ByteArray> {
        val held = ByteArray(1_000)
        Hub.open(folder, tools = listOf(bell(held))).shutdown()
        return WeakReference(held)
    }

}
