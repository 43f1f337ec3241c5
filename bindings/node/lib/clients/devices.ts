// Satellites.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Device, DeviceCreated, DeviceRotated, Page, Scope } from "../types.js";
import { Client } from "./client.js";

export class Devices extends Client {
  /** Makes a device; its token is shown this once. */
  create(
    context: Context,
    agent_id: string,
    device: CallOptions & { name: string; scopes: readonly Scope[] },
  ): Promise<DeviceCreated> {
    return this.caller.call("devices.create", context, { arguments: { agent_id }, body: device });
  }

  /** Shows one. */
  get(context: Context, device_id: string, options?: CallOptions): Promise<Device> {
    return this.caller.call("devices.get", context, { arguments: { device_id }, options });
  }

  /** Shows a page of them. */
  list(context: Context, agent_id: string, page?: PageOptions): Promise<Page<Device>> {
    return this.caller.call("devices.list", context, { arguments: { agent_id }, page });
  }

  /** Changes what is given; scopes are all that it may do from now on. */
  update(
    context: Context,
    device_id: string,
    patch: CallOptions & { name?: string; scopes?: readonly Scope[] },
  ): Promise<Device> {
    return this.caller.call("devices.update", context, { arguments: { device_id }, body: patch });
  }

  /** Gives it another token, shown this once; the former one stops working. */
  rotate(context: Context, device_id: string, options?: CallOptions): Promise<DeviceRotated> {
    return this.caller.call("devices.rotate", context, { arguments: { device_id }, options });
  }

  /** Ends its token. */
  revoke(context: Context, device_id: string, options?: CallOptions): Promise<Device> {
    return this.caller.call("devices.revoke", context, { arguments: { device_id }, options });
  }
}
