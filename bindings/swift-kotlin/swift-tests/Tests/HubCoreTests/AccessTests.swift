import Foundation
import HubCore
import Testing

/// Who may come and go.
@Suite(.timeLimit(.minutes(2))) struct AccessTests {
    @Test func namesTokensPresenceAndTypesOfEvents() async throws {
        try await withHub { hub, home in
            let admin = Context.admin()
            #expect(try await hub.people.update(admin, home.anna, name: "Anna B.").name == "Anna B.")

            let device = try await hub.devices.create(admin, home.agent, name: "speaker", scopes: [.eventsWrite])
            let changed = try await hub.devices.update(
                admin, device.deviceId, name: "display", scopes: [.presenceWrite])
            #expect(changed.name == "display" && changed.scopes == [.presenceWrite])
            let rotated = try await hub.devices.rotate(admin, device.deviceId)
            _ = try await refused { try await hub.presence.report(.token(device.token), home.space, .present) }
            let seen = try await hub.presence.report(.token(rotated.token), home.space, .present)
            #expect(seen.deviceId == device.deviceId)
            let present = try await hub.presence.list(home.owner, home.space).items
            #expect(present.map(\.state) == [.present])

            let made = try await hub.tokens.create(
                home.owner, home.agent, .operator(personId: home.anna, role: .member))
            #expect(try await hub.people.get(.token(made.token), home.anna).name == "Anna B.")
            let listed = try await hub.tokens.list(home.owner, home.agent).items
            #expect(listed.map(\.tokenId) == [made.tokenId])
            try await hub.tokens.revoke(home.owner, made.tokenId)
            _ = try await refused { _ = try await hub.people.get(.token(made.token), home.anna) }
            let other = try await hub.tokens.create(
                home.owner, home.agent,
                .delegate(
                    name: "calendar", scopes: [.memoriesRead], spaces: [home.space],
                    expiresAt: "2100-01-01T00:00:00Z"))
            #expect(other.kind == "delegate")

            let schema: JSON = ["type": "object"]
            _ = try await hub.events.putType(admin, home.agent, "custom.warmth", schema: schema)
            #expect(try await hub.events.getType(admin, home.agent, "custom.warmth").schema == schema)
            #expect(try await hub.events.listTypes(admin, home.agent).items.count == 1)
            var warm = said(home.space, "")
            warm.type = "custom.warmth"
            warm.payload = ["celsius": 21.5]
            #expect(try await hub.events.append(home.owner, warm)[0].status == .stored)

            #expect(try await hub.planner.deadLetters(admin, home.agent).items.isEmpty)
            let unknown = try await refused { try await hub.planner.replay(admin, home.anna) }
            #expect(unknown.code == "unknown_dead_letter")
        }
    }

    @Test func whatIsWrittenIsReadBackAsItWas() async throws {
        try await withHub { hub, home in
            let text = "quote \" slash \\ / line \n tab \t bell \u{7} é 😀"
            let payload: JSON = ["text": .string(text), "role": "user", "confidence": 0.25]
            var event = said(home.space, "")
            event.payload = payload
            let stored = try await hub.events.append(home.owner, event)
            #expect(stored.map(\.status) == [.stored])
            let kept = try await hub.events.list(home.owner, home.space).items
            #expect(kept.map(\.payload) == [payload])
        }
    }
}
