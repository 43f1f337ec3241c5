import io.github.hubcore.Context
import io.github.hubcore.EventStatus
import io.github.hubcore.Hub
import io.github.hubcore.NewToken
import io.github.hubcore.PresenceState
import io.github.hubcore.Role
import io.github.hubcore.Scope
import io.github.hubcore.said
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.test.Test
import kotlin.test.assertEquals

/** Who may come and go. */
class AccessTest {
    @Test
    fun `names, tokens, presence and types of events`(@TempDir folder: Path) = story {
        Hub.open(folder).use { hub ->
            val admin = Context.admin()
            val home = household(hub)
            assertEquals("Anna B.", hub.people.update(admin, home.anna, name = "Anna B.").name)

            val device = hub.devices.create(admin, home.agent, "speaker", listOf(Scope.EVENTS_WRITE))
            val scopes = listOf(Scope.PRESENCE_WRITE)
            val changed = hub.devices.update(admin, device.deviceId, name = "display", scopes = scopes)
            assertEquals("display" to scopes, changed.name to changed.scopes)
            val rotated = hub.devices.rotate(admin, device.deviceId)
            refused { hub.presence.report(Context.token(device.token), home.space, PresenceState.PRESENT) }
            val seen = hub.presence.report(Context.token(rotated.token), home.space, PresenceState.PRESENT)
            assertEquals(device.deviceId, seen.deviceId)
            val present = hub.presence.list(home.owner, home.space).items.map { it.state }
            assertEquals(listOf(PresenceState.PRESENT), present)

            val made = hub.tokens.create(home.owner, home.agent, NewToken.Operator(home.anna, Role.MEMBER))
            assertEquals("Anna B.", hub.people.get(Context.token(made.token), home.anna).name)
            assertEquals(listOf(made.tokenId), hub.tokens.list(home.owner, home.agent).items.map { it.tokenId })
            hub.tokens.revoke(home.owner, made.tokenId)
            refused { hub.people.get(Context.token(made.token), home.anna) }
            val read = listOf(Scope.MEMORIES_READ)
            val other = NewToken.Delegate("calendar", read, listOf(home.space), "2100-01-01T00:00:00Z")
            assertEquals("delegate", hub.tokens.create(home.owner, home.agent, other).kind)

            val schema = buildJsonObject { put("type", "object") }
            hub.events.putType(admin, home.agent, "custom.warmth", schema)
            assertEquals<Any>(schema, hub.events.getType(admin, home.agent, "custom.warmth").schema)
            assertEquals(1, hub.events.listTypes(admin, home.agent).items.size)
            val warmth = buildJsonObject { put("celsius", 21.5) }
            val warm = said(home.space, "").copy(type = "custom.warmth", payload = warmth)
            assertEquals(listOf(EventStatus.STORED), hub.events.append(home.owner, warm).map { it.status })

            assertEquals(emptyList(), hub.planner.deadLetters(admin, home.agent).items)
            assertEquals("unknown_dead_letter", refused { hub.planner.replay(admin, home.anna) }.code)
        }
    }
}
