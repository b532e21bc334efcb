/** A tool for each operation. */
import type { Catalog, CatalogEntry } from "../catalog/catalog.ts";
import { argumentProperty, contentTypes, inputNode } from "../catalog/arguments.ts";
import type { ToolSession } from "../call/session.ts";
import type { McpCaller } from "../host.ts";
import { bundle } from "../schema/bundle.ts";
import { isNode, resolve } from "../schema/keywords.ts";
import { outputSchema } from "../schema/output.ts";
import type { SchemaNode } from "../../schema/check.ts";
import { descriptionOf } from "./describe_text.ts";
import { readTool } from "./read.ts";
import { answerProperties, CALL_ID, READ, SELECT } from "./definitions.ts";
import { stringOf, stringsOf, type Tool, type ToolDefinition, type Toolset } from "./tool.ts";

/** Of one tool, in characters: what it takes has to be known, what it gives is seen anyway. */
const MAX_INPUT = 60_000;
const MAX_OUTPUT = 30_000;

/** Arguments of the tool itself, beside those of its operation. */
const SELECT_NAME = "_select";
const CALL_ID_NAME = "_callId";
const CONTENT_TYPE_NAME = "_contentType";

export function directTools(catalog: Catalog, session: ToolSession): Toolset {
  const read = readTool(session);
  const definitions = new Map<CatalogEntry, ToolDefinition>();
  const define = (entry: CatalogEntry): ToolDefinition => {
    const definition = definitions.get(entry) ?? toolDefinition(entry);
    definitions.set(entry, definition);
    return definition;
  };
  return {
    list({ caller }) {
      const visible = catalog.entries.filter((entry) => isVisible(entry, caller));
      return [...visible.map(define), READ];
    },
    find(name, { caller }) {
      if (name === READ.name) return read;
      const entry = catalog.byName.get(name);
      if (entry === undefined || !isVisible(entry, caller)) return undefined;
      return operationTool(entry, session);
    },
  };
}

export function isVisible({ definition, operation }: CatalogEntry, { may }: McpCaller): boolean {
  return may === undefined || may(definition.id, operation);
}

function operationTool(entry: CatalogEntry, session: ToolSession): Tool {
  return {
    run(given, request) {
      const {
        [SELECT_NAME]: select,
        [CALL_ID_NAME]: callId,
        [CONTENT_TYPE_NAME]: contentType,
        ...input
      } = given;
      const call = {
        input,
        contentType: stringOf(contentType),
        select: stringsOf(select),
        callId: stringOf(callId),
      };
      return session.call(entry, call, request);
    },
  };
}

function toolDefinition(entry: CatalogEntry): ToolDefinition {
  const { name, operation, annotations } = entry;
  return {
    name,
    ...(operation.summary === undefined ? {} : { title: operation.summary }),
    description: descriptionOf(operation),
    inputSchema: directInput(entry),
    outputSchema: directOutput(entry),
    annotations,
  };
}

function directInput(entry: CatalogEntry): SchemaNode {
  const { types } = entry.definition;
  const own = inputNode(entry);
  const { schemas: [schema], defs } = bundle([own], types, {
    maxChars: MAX_INPUT,
    property: argumentProperty(entry),
  });
  const node = isNode(schema) ? schema : {};
  const properties = isNode(node["properties"]) ? node["properties"] : {};
  const choice = contentTypes(entry.operation);
  const extra = isOpen(own, types)
    ? {
      [SELECT_NAME]: SELECT,
      ...(choice.length === 0 ? {} : { [CONTENT_TYPE_NAME]: contentTypeSchema(choice) }),
      ...(entry.annotations.readOnlyHint ? {} : { [CALL_ID_NAME]: CALL_ID }),
    }
    : {};
  return {
    ...node,
    type: "object",
    properties: { ...properties, ...extra },
    ...(Object.keys(defs).length === 0 ? {} : { $defs: defs }),
  };
}

function contentTypeSchema(choice: readonly string[]): SchemaNode {
  return {
    enum: choice,
    default: choice[0],
    description: "Media type of the body, which the other arguments have to fit.",
  };
}

/** False where a closed alternative would refuse arguments that it does not know. */
function isOpen(node: SchemaNode, types: SchemaNode): boolean {
  return (["allOf", "anyOf", "oneOf"] as const).every((keyword) => {
    const list = node[keyword];
    return !Array.isArray(list) || list.every((one) => {
      const inner = resolve(one, types);
      return isNode(inner) && inner["additionalProperties"] !== false &&
        inner["unevaluatedProperties"] !== false && isOpen(inner, types);
    });
  });
}

function directOutput({ definition, operation }: CatalogEntry): SchemaNode {
  const result = outputSchema(operation);
  const { schemas: [schema], defs } = bundle(
    result === undefined ? [] : [result],
    definition.types,
    { maxChars: MAX_OUTPUT },
  );
  return {
    type: "object",
    properties: answerProperties(schema),
    ...(Object.keys(defs).length === 0 ? {} : { $defs: defs }),
  };
}
