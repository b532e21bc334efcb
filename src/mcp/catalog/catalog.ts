/** Every operation that can be a tool, by its id and by its tool's name, and the way to find one by words. */
import type {
  ConnectorDefinition,
  OperationDefinition,
} from "../../connector/definition/definition.ts";
import type { SchemaNode } from "../../schema/check.ts";
import { isNode, resolve } from "../schema/keywords.ts";
import {
  createSearchIndex,
  type SearchDocument,
  type SearchIndex,
} from "../search/search_index.ts";
import { firstSentence } from "../search/words.ts";
import { type Annotations, annotationsOf } from "./annotations.ts";
import { isPassword, secretArguments } from "./secrets.ts";
import { toolName } from "./tool_name.ts";

export interface CatalogEntry {
  /** `openai.chat.completions.create`. */
  readonly id: string;
  /** `openai_chat_completions_create`. */
  readonly name: string;
  readonly definition: ConnectorDefinition;
  readonly operation: OperationDefinition;
  readonly annotations: Annotations;
  /** Properties of the input that would be secrets. */
  readonly secrets: ReadonlySet<string>;
}

export interface Catalog {
  readonly entries: readonly CatalogEntry[];
  readonly byId: ReadonlyMap<string, CatalogEntry>;
  readonly byName: ReadonlyMap<string, CatalogEntry>;
  /** Best first. */
  find(query: string, limit: number, among: (entry: CatalogEntry) => boolean): CatalogEntry[];
}

/** Operations that cannot be called without a secret among their arguments are left out. */
export function createCatalog(definitions: Iterable<ConnectorDefinition>): Catalog {
  const entries: CatalogEntry[] = [];
  for (const definition of definitions) {
    for (const operation of definition.operations) {
      const secrets = secretArguments(definition, operation);
      if (needsSecret(definition, operation, secrets)) continue;
      entries.push({
        id: `${definition.id}.${operation.id}`,
        name: toolName(definition.id, operation.id),
        definition,
        operation,
        annotations: annotationsOf(operation),
        secrets,
      });
    }
  }
  let index: SearchIndex | undefined;
  return {
    entries,
    byId: new Map(entries.map((entry) => [entry.id, entry])),
    byName: new Map(entries.map((entry) => [entry.name, entry])),
    find(query, limit, among) {
      index ??= createSearchIndex(entries.map(documentOf));
      const allowed = (place: number) => {
        const entry = entries[place];
        return entry !== undefined && among(entry);
      };
      return index.find(query, limit, allowed).flatMap((place) => entries[place] ?? []);
    },
  };
}

function needsSecret(
  { types }: ConnectorDefinition,
  { input }: OperationDefinition,
  secrets: ReadonlySet<string>,
): boolean {
  const node = resolve(input, types);
  const required = isNode(node) && Array.isArray(node["required"]) ? node["required"] : [];
  const properties = propertiesOf(input, types);
  return required.some((name) => secrets.has(name) || isPassword(properties[name], types));
}

/** Those of an object, wherever it says that it has them. */
export function propertiesOf(schema: unknown, types: SchemaNode): SchemaNode {
  const node = resolve(schema, types);
  if (!isNode(node)) return {};
  const { properties, allOf } = node;
  const parts = Array.isArray(allOf) ? allOf.map((part) => propertiesOf(part, types)) : [];
  return Object.assign({}, ...parts, isNode(properties) ? properties : {});
}

const VERBS: Readonly<Record<string, string>> = {
  GET: "get list",
  POST: "create",
  PUT: "update set",
  PATCH: "update",
  DELETE: "delete",
  HEAD: "check",
};

export function documentOf({ definition, operation }: CatalogEntry): SearchDocument {
  const { id, title, types } = definition;
  const { doc = "", summary = "", path, tags, method, input } = operation;
  const properties = propertiesOf(input, types);
  return {
    id: `${id} ${operation.id}`,
    summary,
    path,
    tags: [title, ...tags].join(" "),
    parameters: Object.keys(properties).join(" "),
    verb: VERBS[method] ?? "",
    firstSentence: firstSentence(doc),
    doc,
    parameterDocs: Object.values(properties).map((one) => describedBy(one, types)).join(" "),
  };
}

function describedBy(schema: unknown, types: SchemaNode): string {
  const own = isNode(schema) ? schema["description"] : undefined;
  if (typeof own === "string") return own;
  const node = resolve(schema, types);
  const text = isNode(node) ? node["description"] : undefined;
  return typeof text === "string" ? text : "";
}
