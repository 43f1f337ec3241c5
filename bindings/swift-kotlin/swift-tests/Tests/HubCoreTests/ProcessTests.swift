import Foundation
import HubCore
import Testing

/// Processes, and what a hub leaves behind in one.
@Suite(.serialized, .timeLimit(.minutes(30))) struct ProcessTests {
    /// How a child ended, and what it said.
    private func child(_ arguments: String...) async throws -> (status: Int32, said: String) {
        let process = Process()
        process.executableURL = URL(filePath: try #require(environment["HUB_CHILD"]))
        process.arguments = arguments
        // The C library's arena of each thread that has ended is kept by it, and is no leak.
        process.environment = environment.merging(["MALLOC_ARENA_MAX": "1"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    @Test func aProcessEndsWhileItsHubIsOpenAndAToolOfItRuns() async throws {
        try await inFolder { folder in
            let ended = try await child("leaves", folder)
            #expect(ended == (0, "the tool runs\n"))
        }
    }

    @Test func aFolderBelongsToOneProcess() async throws {
        try await inFolder { folder in
            let hub = try await Hub.open(folder)
            #expect(try await child("opens", folder) == (0, "conflict\n"))
            await hub.shutdown()
            #expect(try await child("opens", folder) == (0, "opened\n"))
        }
    }

    @Test func hubsOneAfterTheOtherLeaveNothing() async throws {
        try await inFolder { folder in
            // A long run counts more of them.
            let (status, said) = try await child("cycles", folder, environment["HUB_CYCLES"] ?? "100")
            print("cycles: \(said)")
            let counts = said.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
            try #require(status == 0 && counts.count == 2, "\(said)")
            // A leak of 32 kB a cycle would be 3,200 kB.
            #expect(counts[0] < 3_000, "\(counts[0]) kB")
            #expect(counts[1] <= 4, "\(counts[1]) threads")
        }
    }
}
