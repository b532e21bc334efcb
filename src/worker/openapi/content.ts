/** What an operation answers with, by media type. */
import type {
  ConnectorDefinition,
  OperationDefinition,
  StreamDefinition,
} from "../../connector/definition/definition.ts";
import type { SchemaNode } from "../../schema/check.ts";
import { rebase } from "./references.ts";

/** `3.2` can say what the items of a stream are. */
export type OpenApiVersion = "3.1" | "3.2";

export function answerContent(
  connector: ConnectorDefinition,
  { result, stream, paginated }: OperationDefinition,
  version: OpenApiVersion,
): SchemaNode {
  const content: Record<string, unknown> = {};
  if (result.kind === "json") {
    content["application/json"] = { schema: rebase(result.schema, connector) };
  }
  if (result.kind === "text") content["text/plain"] = { schema: { type: "string" } };
  if (result.kind === "binary") content["application/octet-stream"] = { schema: {} };
  if (stream?.format === "bytes") content["application/octet-stream"] = { schema: {} };
  else if (stream !== undefined) {
    const item = rebase(stream.item, connector);
    Object.assign(content, streamContent(item, whenText(stream), version));
  }
  if (paginated) {
    Object.assign(content, streamContent({}, " with `all`, the items of all pages", version));
  }
  return content;
}

function streamContent(item: unknown, when: string, version: OpenApiVersion): SchemaNode {
  const events =
    `Server-sent events${when}: each \`data:\` is one item as JSON, the last one is \`[DONE]\`. ` +
    "A failure on the way is an `error` event, and `[DONE]` does not follow.";
  const lines =
    `Lines${when}: each is one item as JSON. A failure on the way is a line with \`error\`.`;
  if (version === "3.1") {
    const text = { type: "string", contentMediaType: "application/json", contentSchema: item };
    return {
      "text/event-stream": { schema: { ...text, description: events } },
      "application/x-ndjson": { schema: { type: "string", description: lines } },
    };
  }
  const data = { type: "string", contentMediaType: "application/json", contentSchema: item };
  return {
    "text/event-stream": {
      itemSchema: {
        type: "object",
        description: events,
        required: ["data"],
        properties: { data, event: { const: "error" }, id: { type: "string" } },
      },
    },
    "application/x-ndjson": { itemSchema: { description: lines, allOf: [item] } },
  };
}

function whenText({ when }: StreamDefinition): string {
  const asked = when.map(({ path, oneOf }) =>
    `${path.join(".")} is ${oneOf.map((value) => JSON.stringify(value)).join(" or ")}`
  );
  return asked.length === 0 ? "" : ` when ${asked.join(" and ")}`;
}
