package io.github.hubcore

import io.github.hubcore.border.BorderHub
import io.github.hubcore.border.BorderProblem
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.JsonObject
import kotlin.coroutines.ContinuationInterceptor

/** Carries calls to the hub. */
internal class Calls(private val native: BorderHub) {
    private val key: Long = native.key().toLong()

    /** Runs an operation and reads its answer. */
    suspend inline fun <reified T> ask(
        operation: String,
        context: Context,
        arguments: JsonObject? = null,
        page: JsonObject? = null,
        body: JsonObject? = null,
    ): T = border.decodeFromString<T>(text(operation, context, arguments, page, body))

    /** Runs an operation that answers nothing. */
    suspend fun tell(operation: String, context: Context, arguments: JsonObject? = null) {
        text(operation, context, arguments, page = null, body = null)
    }

    suspend fun text(
        operation: String,
        context: Context,
        arguments: JsonObject?,
        page: JsonObject?,
        body: JsonObject?,
    ): String {
        val request = given("as" to context.caller, "arguments" to arguments, "page" to page, "body" to body)
        return carry(operation, written { border.encodeToString(JsonObject.serializer(), request) })
    }

    /** Stores events. They are the many and the large of what crosses, so they are written without elements between. */
    suspend fun append(context: Context, events: List<NewEvent>): List<EventResult> {
        val caller = border.encodeToString(JsonObject.serializer(), context.caller)
        val request = written { """{"as":$caller,"body":{"events":${border.encodeToString(events)}}}""" }
        return border.decodeFromString<EventsAnswer>(carry("events.append", request)).results
    }

    private suspend fun carry(operation: String, request: String): String =
        aside { Direct.ask(key, operation, request) }.answer()

    fun register(tool: Tool) {
        val manifest = written { tool.manifest.toString() }
        guarded { native.register(manifest, Code(tool::run)) }
    }

    /** Finishes what was accepted, and frees the native part. */
    suspend fun shutdown() {
        try {
            aside { native.shutdown() }
        } catch (_: IllegalStateException) {
            return
        }
        native.close()
    }
}

/**
 * Goes on behind a call where the caller's dispatcher says. Where there is none, as in a suspending `main`, it would go on
 * on a thread of the hub, and a blocking wait there would hold up the hub: a thread of this machine takes its place.
 */
internal suspend fun <T> aside(call: suspend () -> T): T {
    val context = currentCoroutineContext()
    val dispatcher = context[ContinuationInterceptor] as? CoroutineDispatcher
    return if (dispatcher?.isDispatchNeeded(context) == true) call() else withContext(Dispatchers.Default) { call() }
}

/** Turns what the native part throws into the error of this library. */
internal inline fun <T> guarded(call: () -> T): T = try {
    call()
} catch (told: BorderProblem.Told) {
    throw HubError.read(told.problem)
} catch (freed: IllegalStateException) {
    // That a coroutine was cancelled is an illegal state too, and is passed on.
    throw if (freed is kotlin.coroutines.cancellation.CancellationException) freed else HubError.closed()
}
