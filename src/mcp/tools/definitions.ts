/** The tools of search mode as a list shows them: apart from what runs, so that a list needs nothing else to be loaded. */
import type { Annotations } from "../catalog/annotations.ts";
import type { SchemaNode } from "../../schema/check.ts";
import type { McpCaller } from "../host.ts";
import type { ToolDefinition } from "./tool.ts";

export const USUAL_HITS = 10;
export const MOST_HITS = 50;

/** Of tools that look up what is here already. */
const LOOKS_UP: Annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};

/** How the answer of a call comes, around the schema of its result. */
export function answerProperties(result: unknown): SchemaNode {
  return {
    ...(result === undefined ? {} : { result }),
    part: { description: "What was selected, or as much of a long answer as there is room for." },
    cut: {
      type: "array",
      description: "What is missing in the part: path, and how much of it is shown.",
      items: {
        type: "object",
        properties: {
          path: { type: "string" },
          shown: { type: "integer" },
          of: { type: "integer" },
        },
      },
    },
    handle: { type: "string", description: "Give it to `read` for the rest." },
    morePages: { type: "boolean" },
  };
}

export const SELECT: SchemaNode = {
  type: "array",
  items: { type: "string" },
  description: "Only these parts of the answer, such as items[].name or items[0:10].",
};

export const CALL_ID: SchemaNode = {
  type: "string",
  minLength: 16,
  maxLength: 128,
  description:
    "A new UUID for what you want done once. The same call with the same id is not carried out again.",
};

const EFFECT: SchemaNode = { enum: ["reads", "writes", "destroys"] };

function findDefinition(connectors: readonly string[]): ToolDefinition {
  return {
    name: "search",
    title: "Find operations",
    description: `Finds API operations by what they do. APIs: ${namesOf(connectors)}.`,
    inputSchema: {
      type: "object",
      properties: {
        query: { type: "string", description: "In words: create an issue." },
        connector: { type: "string", description: "Only this API." },
        limit: { type: "integer", minimum: 1, maximum: MOST_HITS, default: USUAL_HITS },
      },
      required: ["query"],
      additionalProperties: false,
    },
    outputSchema: {
      type: "object",
      properties: {
        operations: {
          type: "array",
          items: {
            type: "object",
            properties: {
              operation: { type: "string" },
              summary: { type: "string" },
              effect: EFFECT,
            },
          },
        },
      },
    },
    annotations: LOOKS_UP,
  };
}

const DESCRIBE: ToolDefinition = {
  name: "describe",
  title: "Describe an operation",
  description: "What an operation takes and gives, as JSON Schema. Read it before the first call.",
  inputSchema: {
    type: "object",
    properties: {
      operation: { type: "string", description: "As search names it." },
      contentType: { type: "string" },
      type: { type: "string", description: "Instead: a type that was left out for its size." },
    },
    required: ["operation"],
    additionalProperties: false,
  },
  outputSchema: {
    type: "object",
    properties: {
      operation: { type: "string" },
      description: { type: "string" },
      effect: EFFECT,
      input: { type: "object" },
      output: {},
      example: { type: "object" },
      schema: {},
    },
  },
  annotations: LOOKS_UP,
};

const CALL: ToolDefinition = {
  name: "call",
  title: "Call an operation",
  description: "Calls an operation and gives its result. A long one is cut; `read` gives the rest.",
  inputSchema: {
    type: "object",
    properties: {
      operation: { type: "string", description: "As search names it." },
      input: { type: "object", description: "As describe says." },
      contentType: { type: "string", description: "Of the body, if describe lists some." },
      select: SELECT,
      callId: CALL_ID,
    },
    required: ["operation"],
    additionalProperties: false,
  },
  outputSchema: { type: "object", properties: answerProperties({}) },
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: true,
  },
};

export const READ: ToolDefinition = {
  name: "read",
  title: "Read on",
  description: "Reads on in an answer that was cut, without calling the API again.",
  inputSchema: {
    type: "object",
    properties: {
      handle: { type: "string", description: "Of the answer that was cut." },
      select: {
        ...SELECT,
        description: "What to read, such as items[20:40] or items[3].body[1000:2000].",
      },
    },
    required: ["handle"],
    additionalProperties: false,
  },
  outputSchema: { type: "object", properties: answerProperties({}) },
  annotations: LOOKS_UP,
};

/** In the order in which they are used. */
export function searchDefinitions(
  connectors: readonly string[],
  { sees = () => true }: Pick<McpCaller, "sees"> = {},
): ToolDefinition[] {
  return [findDefinition(connectors.filter(sees)), DESCRIBE, CALL, READ];
}

/** As many as fit on a line. */
function namesOf(connectors: readonly string[]): string {
  const shown = connectors.slice(0, 20).join(", ");
  return connectors.length > 20 ? `${shown} and ${connectors.length - 20} more` : shown;
}
