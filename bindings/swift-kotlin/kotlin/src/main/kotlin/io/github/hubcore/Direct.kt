package io.github.hubcore

import com.sun.jna.JNIEnv
import com.sun.jna.Native
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/**
 * The short way of a call: JNI, which `jvm.rs` answers. UniFFI goes through JNA: nine crossings a call, which together
 * cost a hundred times what the call does.
 */
internal object Direct {
    init {
        check(Binding.hub_core_native_bind(JNIEnv.CURRENT) == 1.toByte()) { "the native part knows another Direct" }
    }

    /** To be asked before a hub is opened, whose threads then are threads of this machine, which keep no process alive. */
    fun ready(): Unit = Unit

    /** Runs an operation of the hub of this number, and answers what it ended in. */
    suspend fun ask(hub: Long, operation: String, request: String): Ended = suspendCancellableCoroutine { asking ->
        val ticket = call(hub, operation.encodeToByteArray(), request.encodeToByteArray(), Waiting(asking))
        if (ticket != ENDED) asking.invokeOnCancellation { abandon(ticket) }
    }

    /** Tells [waiting] the end: before it returns, and then answers [ENDED], or later; then it answers a ticket. */
    @JvmStatic
    private external fun call(hub: Long, operation: ByteArray, request: ByteArray, waiting: Waiting): Long

    /** Ends the waiting for the call of this ticket. */
    @JvmStatic
    private external fun abandon(ticket: Long)

    private const val ENDED = 0L
}

/** Who waits for a call. The native part knows it by these names. */
internal class Waiting(private val asking: CancellableContinuation<Ended>) {
    /** Called on any thread, once. */
    fun ended(failed: Boolean, text: ByteArray) = asking.resume(Ended(failed, text))
}

/** What a call ended in: an answer, or a problem. */
internal class Ended(private val failed: Boolean, private val text: ByteArray) {
    fun answer(): String = if (failed) throw HubError.read(text.decodeToString()) else text.decodeToString()
}

/** What JNA finds by its name in the library; it makes the methods of [Direct] known. */
private object Binding {
    init {
        // As the code beside finds it, so that both have the same.
        val library = System.getProperty("uniffi.component.hub_core_native.libraryOverride") ?: "hub_core_native"
        Native.register(Binding::class.java, library)
    }

    @Suppress("FunctionName")
    external fun hub_core_native_bind(machine: JNIEnv): Byte
}
