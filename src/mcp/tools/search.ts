/** Three tools for any number of operations: find one, see what it takes and gives, call it. */
import { bodyFormOf } from "../../connector/definition/body_forms.ts";
import { didYouMean } from "../../core/suggest.ts";
import { requestProblem } from "../../worker/problem/problem.ts";
import { type ToolResult, toolResult } from "../call/answer.ts";
import { failedResult } from "../call/failure.ts";
import type { ToolRequest, ToolSession } from "../call/session.ts";
import { argumentProperty, contentTypes } from "../catalog/arguments.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import { standAlone } from "../schema/bundle.ts";
import { outputSchema } from "../schema/output.ts";
import { descriptionOf, lineOf } from "./describe_text.ts";
import { MOST_HITS, searchDefinitions, USUAL_HITS } from "./definitions.ts";
import { isVisible } from "./direct.ts";
import { readTool } from "./read.ts";
import { stringOf, stringsOf, type Tool, type Toolset } from "./tool.ts";

/** Of each schema that `describe` shows, in characters. */
const MAX_INPUT = 24_000;
const MAX_OUTPUT = 8_000;

export function searchTools(connectors: readonly string[], session: ToolSession): Toolset {
  const tools: Readonly<Record<string, Tool>> = {
    search: searchTool(),
    describe: describeTool(),
    call: callTool(session),
    read: readTool(session),
  };
  return {
    list: ({ caller }) => searchDefinitions(connectors, caller),
    find: (name) => Object.hasOwn(tools, name) ? tools[name] : undefined,
  };
}

function searchTool(): Tool {
  return {
    run({ query, connector, limit }, request) {
      const text = stringOf(query) ?? "";
      const only = stringOf(connector);
      if (text.trim() === "") return refuse(request, "query is missing: say what is wanted.");
      const { host: { registry: { entries } }, caller: { sees = () => true } } = request;
      if (only !== undefined && !(entries.has(only) && sees(only))) {
        const known = [...entries.keys()].filter((id) => sees(id));
        const detail = `There is no API ${JSON.stringify(only.slice(0, 100))}.${
          didYouMean(only, known)
        }`;
        return refuse(request, detail, known);
      }
      const count = typeof limit === "number" && limit >= 1
        ? Math.min(Math.floor(limit), MOST_HITS)
        : USUAL_HITS;
      const found = request.catalog.find(
        text,
        count,
        (entry) =>
          isVisible(entry, request.caller) && (only === undefined || entry.definition.id === only),
      );
      const operations = found.map((entry) => ({
        operation: entry.id,
        summary: lineOf(entry.operation),
        effect: effectOf(entry),
      }));
      return Promise.resolve(toolResult({ operations }));
    },
  };
}

function describeTool(): Tool {
  return {
    run({ operation, type, contentType }, request) {
      const entry = find(operation, request);
      if (entry === undefined) return unknownOperation(operation, request);
      const { definition: { types }, operation: { examples } } = entry;
      const property = argumentProperty(entry);
      const typeName = stringOf(type);
      if (typeName !== undefined) {
        if (!Object.hasOwn(types, typeName)) {
          const detail = `There is no type ${JSON.stringify(typeName.slice(0, 100))}.${
            didYouMean(typeName, Object.keys(types))
          }`;
          return refuse(request, detail);
        }
        const schema = standAlone(types[typeName], types, { maxChars: MAX_INPUT, property });
        return Promise.resolve(toolResult({ operation: entry.id, schema }));
      }
      const output = outputSchema(entry.operation);
      const choice = contentTypes(entry.operation);
      const chosen = stringOf(contentType);
      const form = chosen === undefined ? undefined : bodyFormOf(entry.operation, chosen);
      if (chosen !== undefined && form === undefined) {
        return refuse(request, `The body of ${entry.id} has no such content type.`, choice);
      }
      const [example] = examples;
      return Promise.resolve(toolResult({
        operation: entry.id,
        description: descriptionOf(entry.operation),
        effect: effectOf(entry),
        input: standAlone(form?.input ?? entry.operation.input, types, {
          maxChars: MAX_INPUT,
          property,
        }),
        // The first one is sent unless another is asked for.
        ...(choice.length === 0 ? {} : { contentTypes: choice }),
        ...(output === undefined
          ? {}
          : { output: standAlone(output, types, { maxChars: MAX_OUTPUT }) }),
        ...(example === undefined || JSON.stringify(example.input).length > 2_000
          ? {}
          : { example: example.input }),
      }));
    },
  };
}

function callTool(session: ToolSession): Tool {
  return {
    run({ operation, input, contentType, select, callId }, request) {
      const entry = find(operation, request);
      if (entry === undefined) return unknownOperation(operation, request);
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

function find(operation: unknown, { catalog, caller }: ToolRequest): CatalogEntry | undefined {
  const entry = catalog.byId.get(stringOf(operation) ?? "");
  return entry !== undefined && isVisible(entry, caller) ? entry : undefined;
}

function unknownOperation(operation: unknown, request: ToolRequest): Promise<ToolResult> {
  const name = stringOf(operation) ?? "";
  const ids = request.catalog.entries.filter((entry) => isVisible(entry, request.caller))
    .map(({ id }) => id);
  const similar = request.catalog.find(name, 5, (entry) => isVisible(entry, request.caller));
  return refuse(
    request,
    `There is no operation ${JSON.stringify(name.slice(0, 100))}.${didYouMean(name, ids)}`,
    similar.map(({ id }) => id),
  );
}

function refuse(
  request: ToolRequest,
  detail: string,
  known?: readonly string[],
): Promise<ToolResult> {
  const more = known === undefined ? {} : { known };
  return Promise.resolve(
    failedResult(requestProblem(400, "input.invalid", detail, request.requestId, more)),
  );
}

function effectOf({ annotations }: CatalogEntry): "reads" | "writes" | "destroys" {
  if (annotations.readOnlyHint) return "reads";
  return annotations.destructiveHint ? "destroys" : "writes";
}
