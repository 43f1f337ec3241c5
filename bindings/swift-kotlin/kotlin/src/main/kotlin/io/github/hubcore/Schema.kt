package io.github.hubcore

import kotlinx.serialization.descriptors.PolymorphicKind
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.SerialKind
import kotlinx.serialization.descriptors.StructureKind
import kotlinx.serialization.descriptors.elementDescriptors
import kotlinx.serialization.descriptors.elementNames
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * The JSON Schema of what a serializable class looks like.
 *
 * @throws IllegalArgumentException for a type that may be anything: give the tool an `inputSchema`
 */
@PublishedApi
internal fun schemaOf(type: SerialDescriptor): JsonObject {
    val schema = when (val kind = type.kind) {
        StructureKind.CLASS, StructureKind.OBJECT -> ofFields(type)
        StructureKind.LIST -> given("type" to "array", "items" to schemaOf(type.getElementDescriptor(0)))
        StructureKind.MAP -> given("type" to "object", "additionalProperties" to schemaOf(type.getElementDescriptor(1)))
        SerialKind.ENUM -> given("enum" to JsonArray(type.elementNames.map(::JsonPrimitive)))
        is PrimitiveKind -> given("type" to plain(kind))
        is PolymorphicKind, SerialKind.CONTEXTUAL ->
            throw IllegalArgumentException("no JSON Schema is known for ${type.serialName}: give the tool an inputSchema")
    }
    if (!type.isNullable) return schema
    return given("anyOf" to JsonArray(listOf(schema, given("type" to "null"))))
}

private fun ofFields(type: SerialDescriptor): JsonObject {
    require(type.serialName.removeSuffix("?") !in FREE) { "a ${type.serialName} may be anything: give the tool an inputSchema" }
    val fields = type.elementNames.zip(type.elementDescriptors)
    val required = type.elementNames.filterIndexed { index, _ -> !type.isElementOptional(index) }
    return given(
        "type" to "object",
        "properties" to JsonObject(fields.associate { (name, field) -> name to schemaOf(field) }),
        "required" to JsonArray(required.map(::JsonPrimitive)),
        "additionalProperties" to false,
    )
}

private val FREE = setOf("kotlinx.serialization.json.JsonObject", "kotlinx.serialization.json.JsonElement")

private fun plain(kind: PrimitiveKind): String = when (kind) {
    PrimitiveKind.BOOLEAN -> "boolean"
    PrimitiveKind.BYTE, PrimitiveKind.SHORT, PrimitiveKind.INT, PrimitiveKind.LONG -> "integer"
    PrimitiveKind.FLOAT, PrimitiveKind.DOUBLE -> "number"
    PrimitiveKind.CHAR, PrimitiveKind.STRING -> "string"
}
