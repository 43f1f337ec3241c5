import io.github.hubcore.border.BorderHub
import io.github.hubcore.border.BorderProblem
import io.github.hubcore.border.openHub
import io.github.hubcore.border.operations
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** The golden vectors, through the border as every language runs them. */
class VectorsTest {
    private val saved = mutableMapOf<String, JsonObject>()

    @Test
    fun `every file of golden vectors holds`(@TempDir folder: Path) = runBlocking {
        val ran = Path.of(System.getenv("HUB_VECTORS")).listDirectoryEntries("*.json").sorted().associate { file ->
            val steps = Json.parseToJsonElement(file.readText()).jsonObject.getValue("steps").jsonArray
            run(steps, folder.resolve(file.name))
            file.name to JsonPrimitive(steps.size)
        }
        assertTrue(ran.isNotEmpty(), "there are no vectors")
        // Read by whoever runs the tests of all languages.
        System.getenv("HUB_PARITY")?.let { Path.of(it).writeText(JsonObject(ran).toString()) }
        Unit
    }

    private suspend fun run(steps: JsonArray, folder: Path) {
        saved.clear()
        val options = buildJsonObject {
            put("folder", folder.toString())
            put("settings", buildJsonObject { put("window_pause_ms", 100) })
        }
        val hub = openHub(options.toString(), emptyList(), null)
        steps.forEachIndexed { number, step -> take(hub, number, step.jsonObject) }
    }

    private suspend fun take(hub: BorderHub, number: Int, step: JsonObject) {
        val call = step.getValue("call").jsonPrimitive.content
        val at = "step $number, $call"
        if (call == "hub.shutdown") return hub.shutdown()
        val request = filled(step.getValue("request")).toString()
        val expected = step["problem"]
        if (expected != null) {
            val told = assertFailsWith<BorderProblem.Told>(at) { hub.call(call, request, null) }
            return check(expected, Json.parseToJsonElement(told.problem), at)
        }
        val answer = Json.parseToJsonElement(hub.call(call, request, null))
        check(step.getValue("answer"), answer, at)
        step["save"]?.let { saved[it.jsonPrimitive.content] = answer.jsonObject }
    }

    private fun filled(value: JsonElement): JsonElement = when (value) {
        is JsonArray -> JsonArray(value.map(::filled))
        is JsonObject -> JsonObject(value.mapValues { (_, item) -> filled(item) })
        is JsonPrimitive -> if (value.isReference()) saved(value.content) else value
    }

    private fun saved(reference: String): JsonElement {
        val (name, field) = reference.removePrefix("$").split(".")
        return saved.getValue(name).getValue(field)
    }

    private fun check(expected: JsonElement, found: JsonElement, at: String) {
        when (expected) {
            is JsonArray -> {
                assertEquals(expected.size, found.jsonArray.size, "$at: $found")
                expected.zip(found.jsonArray).forEachIndexed { index, (item, other) -> check(item, other, "$at[$index]") }
            }
            is JsonObject -> for ((name, item) in expected) check(item, found.jsonObject[name] ?: JsonNull, "$at.$name")
            is JsonPrimitive ->
                if (expected.isReference()) assertTrue(holds(expected.content, found), "$at: expected $expected, found $found")
                else assertEquals(expected, found, at)
        }
    }

    private fun holds(reference: String, found: JsonElement): Boolean {
        val text = (found as? JsonPrimitive)?.takeIf { it.isString }?.contentOrNull
        return when (reference) {
            "\$any" -> true
            "\$text" -> !text.isNullOrEmpty()
            "\$uuid" -> text?.length == 36
            "\$time" -> text?.endsWith("Z") == true
            "\$digest" -> text != null && text.startsWith("sha256:") && text.length == 71
            else -> found == saved(reference)
        }
    }

    private fun JsonPrimitive.isReference() = isString && content.startsWith("$")

    @Test
    fun `every operation has a client`() {
        val sources = Path.of(System.getenv("HUB_ROOT"), "bindings/swift-kotlin/kotlin/src/main/kotlin/io/github/hubcore")
        val text = sources.listDirectoryEntries("*.kt").joinToString("\n") { it.readText() }
        assertEquals(emptyList(), operations().filter { "\"$it\"" !in text })
    }
}
