package io.github.hubcore

import java.time.Instant
import java.util.UUID

/** Something that a person said, now and under a new id unless told otherwise. */
public fun said(
    spaceId: String,
    text: String,
    personId: String? = null,
    eventId: String = UUID.randomUUID().toString(),
    occurredAt: Instant = Instant.now(),
): NewEvent = NewEvent(
    eventId = eventId,
    spaceId = spaceId,
    type = "transcript_chunk",
    occurredAt = occurredAt.toString(),
    personId = personId,
    payload = given("text" to text, "role" to "user"),
)
