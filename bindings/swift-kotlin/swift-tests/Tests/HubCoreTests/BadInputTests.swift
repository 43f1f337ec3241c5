import Foundation
import HubCore
import Testing

/// Streams, cancellation, and what goes wrong. Half a character, which other languages have, is no `String` of Swift.
@Suite(.timeLimit(.minutes(2))) struct BadInputTests {
    @Test func eventsAreFollowedFromWhereOneWas() async throws {
        try await withHub { hub, home in
            try await hub.events.append(home.owner, said(home.space, "before"))
            let now = try await hub.events.end(home.owner, home.space)
            let listening = Task {
                var heard: [Followed] = []
                for try await followed in hub.events.follow(home.owner, home.space, cursor: now) {
                    heard.append(followed)
                    if heard.count == 2 { break }
                }
                return heard
            }
            for text in ["one", "two", "three"] {
                try await hub.events.append(home.owner, said(home.space, text))
            }
            let heard = try await listening.value
            #expect(heard.map { $0.event.payload["text"] } == ["one", "two"])
            var rest = hub.events.follow(home.owner, home.space, cursor: heard[1].cursor).makeAsyncIterator()
            let third = try #require(try await rest.next())
            #expect(third.event.payload["text"] == "three")
            let waiting = Task {
                var idle = hub.events.follow(home.owner, home.space, cursor: third.cursor).makeAsyncIterator()
                return try await idle.next()?.cursor
            }
            try await Task.sleep(for: .milliseconds(100))
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }

    @Test func badInputIsAnErrorWithACode() async throws {
        try await inFolder { folder in
            let hub = try await Hub.open(folder)
            let home = try await Household(hub)
            #expect(try await refused { _ = try await Hub.open(folder) }.kind == .conflict)
            #expect(try await refused { _ = try await Hub.open(folder + "-2", workers: ["cook"]) }.kind == .invalid)
            let nul = try await hub.events.append(home.owner, said(home.space, "a\0b"))[0]
            #expect(nul.status == .refused && nul.problem?.code == "nul_character")
            // Everything that has to be escaped arrives as it was, in each field that a program chooses.
            let odd = "\"\\/ \u{1}\n\t\u{7f}\u{2028} äß 👋"
            var escaped = said(home.space, odd, personId: odd)
            #expect(try await hub.events.append(home.owner, escaped)[0].problem?.field == "person_id")
            escaped.personId = home.anna
            #expect(try await hub.events.append(home.owner, escaped).map(\.status) == [.stored])
            let kept = try await hub.events.list(home.owner, home.space).items
            #expect(kept.last?.payload["text"] == .string(odd) && kept.last?.personId == home.anna)
            var nan = said(home.space, "hello")
            nan.payload = ["text": .number(.nan)]
            #expect(try await refused { try await hub.events.append(home.owner, nan) }.code == "invalid_json")
            let nobody = "00000000-0000-4000-8000-0000000000ff"
            let unknown = try await refused { _ = try await hub.spaces.get(home.owner, nobody) }
            #expect(unknown.code == "unknown_space" && !unknown.retryable)
            let field = try await refused { _ = try await hub.spaces.get(home.owner, "not a UUID") }
            #expect(field.code == "malformed_id" && field.context["field"] == "space_id")
            await hub.shutdown()
            await hub.shutdown()
            let closed = try await refused { _ = try await hub.agents.list(.admin()) }
            #expect(closed.kind == .unavailable && closed.code == "stopping" && closed.retryable)
        }
    }

    @Test func aHundredMegabytesAreRefused() async throws {
        try await withHub { hub, home in
            let huge = String(repeating: "x", count: 100_000_000)
            do {
                let result = try await hub.events.append(home.owner, said(home.space, huge))
                #expect(result.map(\.status) == [.refused])
            } catch let error as HubError {
                #expect([.limit, .invalid].contains(error.kind), "\(error)")
            }
            let small = try await hub.events.append(home.owner, said(home.space, "small"))
            #expect(small.map(\.status) == [.stored])
        }
    }

    @Test func aWriteThatIsCancelledLeavesAHubThatGoesOn() async throws {
        try await withHub { hub, home in
            var cancelled = 0
            for number in 0..<100 {
                let write = Task { try await hub.events.append(home.owner, said(home.space, "number \(number)")) }
                if number.isMultiple(of: 2) { await Task.yield() }
                write.cancel()
                do {
                    _ = try await write.value
                } catch is CancellationError {
                    cancelled += 1
                }
            }
            #expect(cancelled > 0)
            #expect(try await hub.events.append(home.owner, said(home.space, "last"))[0].status == .stored)
            #expect(try await hub.audit.verify(.admin()).holds)
        }
    }

    @Test func aShutdownEndsTheCallsThatWait() async throws {
        try await withHub { hub, home in
            let waiting = Task {
                try await refused { for try await _ in hub.events.follow(home.owner, home.space) {} }
            }
            try await Task.sleep(for: .milliseconds(100))
            await hub.shutdown()
            #expect(try await waiting.value.kind == .unavailable)
        }
    }

    @Test func tasksShareAHub() async throws {
        try await withHub { hub, home in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<50 {
                            let stored = try await hub.events.append(home.owner, said(home.space, "hello"))
                            #expect(stored.map(\.status) == [.stored])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await hub.agents.status(.admin(), home.agent).counts["events"] == 400)
        }
    }
}
