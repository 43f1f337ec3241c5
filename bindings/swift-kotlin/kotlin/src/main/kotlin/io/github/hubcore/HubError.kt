package io.github.hubcore

import kotlinx.serialization.Serializable

/**
 * Why an operation did not happen.
 *
 * @property kind what to do
 * @property code stable; `docs/ERRORS.md` lists them
 * @property retryable whether the same call may succeed later
 * @property context the `field` at fault, the `limit` that was passed, a `remedy`: each where it is known
 */
public class HubError internal constructor(
    message: String,
    public val kind: ErrorKind,
    public val code: String,
    public val retryable: Boolean,
    public val context: Map<String, String>,
) : Exception(message) {
    override fun toString(): String = "HubError($code): $message"

    internal companion object {
        /** The error that a problem in JSON stands for. */
        fun read(problem: String): HubError =
            border.decodeFromString<Problem>(problem).run { HubError(message, kind, code, retryable, context) }

        fun invalid(code: String, message: String): HubError =
            HubError(message, ErrorKind.INVALID, code, retryable = false, emptyMap())

        fun closed(): HubError =
            HubError("the hub was shut down", ErrorKind.UNAVAILABLE, "stopping", retryable = true, emptyMap())
    }
}

@Serializable
internal class Problem(
    val kind: ErrorKind,
    val code: String,
    val message: String,
    val retryable: Boolean,
    val context: Map<String, String>,
)
