/** What comes out of an operation, whichever way it was called. */
import type { OperationDefinition } from "../../connector/definition/definition.ts";
import type { SchemaNode } from "../../schema/check.ts";

const BYTES: SchemaNode = {
  type: "object",
  properties: {
    base64: { type: "string", contentEncoding: "base64" },
    bytes: { type: "integer", description: "How many they are." },
  },
  required: ["base64", "bytes"],
};

/** Undefined where the API answers nothing. */
export function outputSchema({ result, stream }: OperationDefinition): unknown {
  const plain = result.kind === "none"
    ? undefined
    : result.kind === "binary"
    ? BYTES
    : result.kind === "text"
    ? { type: "string" }
    : result.schema;
  if (stream === undefined) return plain;
  const streamed = stream.format === "bytes"
    ? BYTES
    : stream.result ?? { type: "array", items: stream.item };
  if (stream.when.length === 0 || plain === undefined) return streamed;
  return JSON.stringify(plain) === JSON.stringify(streamed) ? plain : { anyOf: [plain, streamed] };
}
