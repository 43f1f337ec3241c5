import Border
import Foundation
import HubCore
import Testing

/// The golden vectors, through the border as every language runs them.
@Suite struct VectorTests {
    @Test(.timeLimit(.minutes(3))) func everyFileOfGoldenVectorsHolds() async throws {
        let folder = URL(filePath: try #require(environment["HUB_VECTORS"]))
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var ran: [String: Int] = [:]
        for file in files where file.pathExtension == "json" {
            let vectors = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: file))
            guard case .array(let steps)? = vectors["steps"] else { throw Unexpected() }
            try await inFolder { try await Run(steps: steps).take(in: $0) }
            ran[file.lastPathComponent] = steps.count
        }
        #expect(!ran.isEmpty, "there are no vectors")
        // Read by whoever runs the tests of all languages.
        if let record = environment["HUB_PARITY"] {
            try JSONEncoder().encode(ran).write(to: URL(filePath: record))
        }
    }

    @Test func everyOperationHasAClient() throws {
        let sources = URL(filePath: try #require(environment["HUB_SOURCES"])).appending(path: "Sources/HubCore")
        let files = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
        let text = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        #expect(operations().filter { !text.contains("\"\($0)\"") } == [])
    }
}

private final class Run {
    let steps: [JSON]
    var saved: [String: JSON] = [:]

    init(steps: [JSON]) {
        self.steps = steps
    }

    func take(in folder: String) async throws {
        let options: JSON = ["folder": .string(folder), "settings": ["window_pause_ms": 100]]
        let hub = try await openHub(options: options.description, tools: [], planner: nil)
        for (number, step) in steps.enumerated() {
            let call = try #require(step["call"]?.text)
            let at = "step \(number), \(call)"
            if call == "hub.shutdown" {
                await hub.shutdown()
                continue
            }
            let request = try filled(try #require(step["request"])).description
            do {
                let text = try await hub.call(operation: call, request: request, stop: nil)
                let answer = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
                try check(try #require(step["answer"], "\(at): a problem was expected, and \(text) came"), answer, at)
                if let name = step["save"]?.text { saved[name] = answer }
            } catch BorderProblem.Told(let problem) {
                let told = try JSONDecoder().decode(JSON.self, from: Data(problem.utf8))
                try check(try #require(step["problem"], "\(at): \(problem)"), told, at)
            }
        }
    }

    private func filled(_ value: JSON) throws -> JSON {
        switch value {
        case .array(let items): .array(try items.map(filled))
        case .object(let members): .object(try members.mapValues(filled))
        case .string(let text) where text.hasPrefix("$"): try named(text)
        default: value
        }
    }

    private func named(_ reference: String) throws -> JSON {
        let path = reference.dropFirst().split(separator: ".").map(String.init)
        return try #require(saved[path[0]]?[path[1]])
    }

    private func check(_ expected: JSON, _ found: JSON, _ at: String) throws {
        switch (expected, found) {
        case (.array(let items), .array(let others)):
            #expect(items.count == others.count, "\(at): \(found)")
            for (index, (item, other)) in zip(items, others).enumerated() { try check(item, other, "\(at)[\(index)]") }
        case (.object(let members), .object):
            for (name, item) in members { try check(item, found[name] ?? .null, "\(at).\(name)") }
        case (.string(let text), _) where text.hasPrefix("$"):
            #expect(try holds(text, found), "\(at): expected \(text), found \(found)")
        default:
            #expect(expected.description == found.description, "\(at)")
        }
    }

    private func holds(_ reference: String, _ found: JSON) throws -> Bool {
        let text = found.text
        switch reference {
        case "$any": return true
        case "$text": return text?.isEmpty == false
        case "$uuid": return text?.count == 36
        case "$time": return text?.hasSuffix("Z") == true
        case "$digest": return text?.hasPrefix("sha256:") == true && text?.count == 71
        default: return try named(reference) == found
        }
    }
}
