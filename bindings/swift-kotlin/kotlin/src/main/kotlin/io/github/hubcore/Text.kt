package io.github.hubcore

import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNamingStrategy
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.encodeToJsonElement
import java.nio.charset.CharacterCodingException

/** What crosses the border: the shapes of `docs/PROTOCOL.md`, whose names are written with underscores. */
@OptIn(ExperimentalSerializationApi::class)
internal val border: Json = Json {
    namingStrategy = JsonNamingStrategy.SnakeCase
    ignoreUnknownKeys = true
    explicitNulls = false
}

/** The fields that have a value. */
internal fun given(vararg fields: Pair<String, Any?>): JsonObject =
    JsonObject(fields.mapNotNull { (name, value) -> element(value)?.let { name to it } }.toMap())

private fun element(value: Any?): JsonElement? = when (value) {
    null -> null
    is JsonElement -> value
    is String -> JsonPrimitive(value)
    is Number -> JsonPrimitive(value)
    is Boolean -> JsonPrimitive(value)
    else -> throw IllegalArgumentException("a ${value::class.simpleName} has no place in a request")
}

/** A value as it travels, such as a word or several. */
internal inline fun <reified T> word(value: T?): JsonElement? =
    value?.let { writable { border.encodeToJsonElement<T>(it) } }

/** A value as JSON. Half a character is no text; no other program could read it. */
internal inline fun written(write: () -> String): String = writable {
    write().also { if (!isWhole(it)) throw CharacterCodingException() }
}

/** Whether each character of a text is whole. */
internal fun isWhole(text: String): Boolean {
    var at = 0
    while (at < text.length) {
        val unit = text[at++]
        if (!unit.isSurrogate()) continue
        if (unit.isLowSurrogate() || at == text.length || !text[at++].isLowSurrogate()) return false
    }
    return true
}

/** Says in the words of this library what JSON cannot hold. */
internal inline fun <T> writable(write: () -> T): T = try {
    write()
} catch (thrown: SerializationException) {
    throw HubError.invalid("invalid_json", "this cannot be written as JSON: ${thrown.message?.lines()?.first()}")
} catch (thrown: CharacterCodingException) {
    throw HubError.invalid("invalid_json", "this cannot be written as JSON: half a character is no text")
}
