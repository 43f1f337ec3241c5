// JSON Schema of a tool's arguments, from a library of schemas or as it is.

import { HubError } from "./errors.js";

/** A schema of zod 4.2 or later, or of another library that keeps to Standard Schema and Standard JSON Schema. */
export interface StandardSchema<Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => Validated<Output> | Promise<Validated<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/** JSON Schema, draft 2020-12. */
export type JsonSchema = { readonly [keyword: string]: unknown; readonly "~standard"?: never };

interface Convertible {
  readonly jsonSchema?: { readonly input?: (options: { target: string }) => Record<string, unknown> };
}

/** Whether a library made it. @internal */
export function isStandard(schema: StandardSchema<unknown> | JsonSchema): schema is StandardSchema<unknown> {
  return schema["~standard"] !== undefined;
}

/** The schema as the hub takes it. @internal */
export function asJson(schema: StandardSchema<unknown> | JsonSchema): Record<string, unknown> {
  if (!isStandard(schema)) return schema;
  const { vendor, jsonSchema } = schema["~standard"] as Convertible & { vendor: string };
  if (jsonSchema?.input === undefined) {
    throw new HubError(`${vendor} gives no JSON Schema of itself: give the tool one (zod does from 4.2 on)`, {
      code: "invalid_field",
      context: { field: "input_schema" },
    });
  }
  return jsonSchema.input({ target: "draft-2020-12" });
}

/** The arguments as the library reads them, with its defaults. @internal */
export async function read<Output>(schema: StandardSchema<Output>, value: unknown): Promise<Output> {
  const read = await schema["~standard"].validate(value);
  if (read.issues === undefined) return read.value;
  const said = read.issues.map(({ message, path }) => (path?.length ? `${path.map(key).join(".")}: ${message}` : message));
  throw new HubError(said.join("; "), { code: "invalid_arguments" });
}

function key(part: unknown): string {
  return String(typeof part === "object" && part !== null && "key" in part ? part.key : part);
}
