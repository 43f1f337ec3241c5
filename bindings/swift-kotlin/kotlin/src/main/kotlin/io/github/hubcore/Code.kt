package io.github.hubcore

import io.github.hubcore.border.BorderCode
import io.github.hubcore.border.BorderFailure
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** Code of this program, for the threads of the hub. What it throws belongs to its action or its window. */
internal class Code(private val work: suspend (String) -> String) : BorderCode {
    override suspend fun run(text: String): String = try {
        // Code that blocks for ever takes one thread of many.
        withContext(Dispatchers.IO) { written { work(text) } }
    } catch (cancelled: CancellationException) {
        throw BorderFailure.Failed("the run was cancelled", true)
    } catch (asked: Retry) {
        throw BorderFailure.Failed(said(asked), true)
    } catch (error: HubError) {
        throw BorderFailure.Failed(said(error), error.retryable)
    } catch (thrown: Throwable) {
        throw BorderFailure.Failed(said(thrown), false)
    }
}

private fun said(thrown: Throwable): String =
    listOfNotNull(thrown::class.simpleName, thrown.message?.takeIf(String::isNotEmpty)).joinToString(": ")
