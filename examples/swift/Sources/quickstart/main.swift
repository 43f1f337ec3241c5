import Foundation
import HubCore

// A hub inside a program: somebody says something, it is remembered, a reminder is proposed, approved and set, and
// the log proves every step. No server, no key, no network.

let folder = FileManager.default.temporaryDirectory.appending(path: "quickstart-\(UUID())")
defer { try? FileManager.default.removeItem(at: folder) }

try await Hub.with(folder.path) { hub in
    let admin = Context.admin()
    let agent = try await hub.agents.create(admin, name: "home").agentId
    let kitchen = try await hub.spaces.create(admin, agent, name: "kitchen").spaceId
    let person = try await hub.people.create(admin, agent, name: "Anna").personId
    let anna = Context.operator(agent, person, .owner)

    let words = "I am allergic to nuts. Remind me to buy milk tomorrow at 9."
    try await hub.events.append(anna, said(kitchen, words, personId: person))
    try await hub.drained(agent)

    for found in try await hub.memory.recall(anna, "what is Anna allergic to?").memories {
        print("remembered: \(found.content)")
    }
    for action in try await hub.actions.list(anna, agent).items {
        print("proposed:   \(action.tool) \(action.arguments)")
        try await hub.actions.approve(anna, action.actionId, bindingDigest: action.bindingDigest)
        try await hub.drained(agent)
        print("now:        \(try await hub.actions.get(anna, action.actionId).state)")
    }
    print("log holds:  \(try await hub.audit.verify(admin).holds)")
}
