import io.github.hubcore.Context
import io.github.hubcore.Hub
import io.github.hubcore.Role
import io.github.hubcore.said
import kotlin.io.path.createTempDirectory

/**
 * A hub inside a program: somebody says something, it is remembered, a reminder is proposed, approved and
 * set, and the log proves every step. No server, no key, no network.
 */
suspend fun main() {
    val folder = createTempDirectory("quickstart")
    try {
        Hub.open(folder).use { hub ->
            val admin = Context.admin()
            val agent = hub.agents.create(admin, name = "home").agentId
            val kitchen = hub.spaces.create(admin, agent, name = "kitchen").spaceId
            val person = hub.people.create(admin, agent, name = "Anna").personId
            val anna = Context.operator(agent, person, Role.OWNER)

            val words = "I am allergic to nuts. Remind me to buy milk tomorrow at 9."
            hub.events.append(anna, said(kitchen, words, personId = person))
            hub.drained(agent)

            for (found in hub.memory.recall(anna, "what is Anna allergic to?").memories) {
                println("remembered: ${found.content}")
            }
            for (action in hub.actions.list(anna, agent).items) {
                println("proposed:   ${action.tool} ${action.arguments}")
                hub.actions.approve(anna, action.actionId, action.bindingDigest)
                hub.drained(agent)
                println("now:        ${hub.actions.get(anna, action.actionId).state}")
            }
            println("log holds:  ${hub.audit.verify(admin).holds}")
        }
    } finally {
        folder.toFile().deleteRecursively()
    }
}
