import Foundation
import HubCore

// What the crossing costs in Swift; the benchmark `bindings` reads the document that this writes.

/// When this line was reached: what is linked has been loaded.
let loaded = Date().timeIntervalSince1970

func seconds(_ duration: Duration) -> Double {
    let (whole, part) = duration.components
    return Double(whole) + Double(part) * 1e-18
}

func opened<Answer: Sendable>(_ work: (Hub) async throws -> Answer) async throws -> Answer {
    let folder = FileManager.default.temporaryDirectory.appending(path: "hub-bench-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let hub = try await Hub.open(folder.path, workers: [])
    do {
        let answer = try await work(hub)
        await hub.shutdown()
        return answer
    } catch {
        await hub.shutdown()
        throw error
    }
}

/// The microseconds of a call that does nothing: there and back.
func calls(_ hub: Hub, _ count: Int) async throws -> Double {
    for _ in 0..<count { _ = try await hub.version() }
    let start = ContinuousClock.now
    for _ in 0..<count { _ = try await hub.version() }
    return seconds(ContinuousClock.now - start) * 1e6 / Double(count)
}

/// Batches that are yet to be sent.
actor Batches {
    private var left: Int

    init(_ count: Int) { left = count }

    func take() -> Bool {
        left -= 1
        return left >= 0
    }
}

struct Refused: Error {
    let results: [EventResult]
}

/// Events a second, so many batches under way at once.
func ingest(_ hub: Hub, batches: Int, size: Int, beside: Int) async throws -> Double {
    let admin = Context.admin()
    let agent = try await hub.agents.create(admin, name: "home").agentId
    let space = try await hub.spaces.create(admin, agent, name: "kitchen").spaceId
    let anna = try await hub.people.create(admin, agent, name: "Anna").personId
    let owner = Context.operator(agent, anna, .owner)
    let left = Batches(batches)
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<beside {
            group.addTask {
                while await left.take() {
                    let events = (0..<size).map { said(space, "this is sentence \($0)") }
                    let results = try await hub.events.append(owner, events)
                    guard results.allSatisfy({ $0.status == .stored }) else { throw Refused(results: results) }
                }
            }
        }
        try await group.waitForAll()
    }
    return Double(batches * size) / seconds(ContinuousClock.now - start)
}

let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.dropFirst().compactMap { Int($0) }
var measured: [String: JSON] = [:]
switch arguments.first {
case "load":
    // Nanoseconds of the clock, said by the shell that this program took the place of.
    let began = Double(ProcessInfo.processInfo.environment["HUB_BEGAN"] ?? "") ?? 0
    measured["load"] = .number(loaded * 1e3 - began / 1e6)
case "calls":
    measured["async"] = .number(try await opened { try await calls($0, numbers[0]) })
case "ingest":
    let rate = try await opened {
        try await ingest($0, batches: numbers[0], size: numbers[1], beside: numbers[2])
    }
    measured["events"] = .number(rate)
default: fatalError("there is no \(arguments)")
}
print(JSON.object(measured))
