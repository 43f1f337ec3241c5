// Tokens of people and of other programs.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { CreateToken, Page, Token, TokenCreated } from "../types.js";
import { Client } from "./client.js";

/** `Context.token` is whoever stands behind one. */
export class Tokens extends Client {
  /** Makes a token for a person or for another program, told apart by `kind`; it is shown this once. */
  create(context: Context, agent_id: string, token: CallOptions & CreateToken): Promise<TokenCreated> {
    return this.caller.call("tokens.create", context, { arguments: { agent_id }, body: token });
  }

  /** Shows a page of them, without their secrets. */
  list(context: Context, agent_id: string, page?: PageOptions): Promise<Page<Token>> {
    return this.caller.call("tokens.list", context, { arguments: { agent_id }, page });
  }

  /** Ends one. */
  async revoke(context: Context, token_id: string, options?: CallOptions): Promise<void> {
    await this.caller.call("tokens.revoke", context, { arguments: { token_id }, options });
  }
}
