// Who calls: the first argument of every operation.

import type { Role, Scope } from "./types.js";

/** A caller. A program that embeds the hub is trusted to say who calls. */
export class Context {
  /** As it crosses to the hub. */
  readonly caller: Readonly<Record<string, unknown>>;

  private constructor(caller: Record<string, unknown>) {
    this.caller = caller;
  }

  /** Creates agents and what belongs to them; reads no content, approves nothing. */
  static admin(): Context {
    return new Context({ kind: "admin" });
  }

  /** A person with a role. */
  static operator(agent_id: string, person_id: string, role: Role): Context {
    return new Context({ kind: "operator", agent_id, person_id, role });
  }

  /** A satellite with scopes. */
  static device(agent_id: string, device_id: string, scopes: readonly Scope[]): Context {
    return new Context({ kind: "device", agent_id, device_id, scopes });
  }

  /** Whoever stands behind a token of the hub. */
  static token(token: string): Context {
    return new Context({ kind: "token", token });
  }
}
