/** OpenAPI 3.0 to 3.2, and what was made of Swagger 2.0 → a connector spec, with a report of what could not be carried over. */
import { invalidRequest } from "../../../src/core/errors.ts";
import { ID } from "../../read/connector.ts";
import { isIdentifier, isTakenType, pascalCase } from "../../read/names.ts";
import { bundle, type DocumentFiles } from "./document/bundle.ts";
import { checkVersion, OpenApiDocument } from "./document/document.ts";
import type { Conversion } from "./conversion.ts";
import { breakEndless } from "./schema/endless.ts";
import { ErrorTypes } from "./operation/errors.ts";
import { examplesOf } from "./examples/examples.ts";
import { isWanted, type OperationFilter } from "./operation/filter.ts";
import { type ImportReport, Losses } from "./loss.ts";
import { operationId, OperationIds } from "./operation/names.ts";
import { type CandidateOperation, candidatesOf, importOperation } from "./operation/operation.ts";
import { Refs } from "./refs.ts";
import type { Int64, OutObject } from "./schema/out.ts";
import { Security } from "./security.ts";
import { Servers } from "./servers.ts";
import { Types } from "./schema/types.ts";
import { type Obj, object, text } from "./value.ts";
import { importWebhooks } from "./webhooks.ts";
import { writeSpec } from "./write.ts";

export {
  formatImportReport,
  type ImportReport,
  type Loss,
  lossCount,
  type LossKind,
} from "./loss.ts";
export { parseText as parseDocumentText } from "./document/parse.ts";
export { OpenApiDocument } from "./document/document.ts";
export type { OverlayFile } from "./document/overlay.ts";
export type { DocumentFiles } from "./document/bundle.ts";
export type { OperationFilter } from "./operation/filter.ts";

export interface ImportOptions extends OperationFilter {
  /** Id of the connector. Default: derived from the document's title. */
  readonly id?: string;
  /** Name of the client class. Default: the id in Pascal case. */
  readonly name?: string;
  /** Version of the spec. Default: 1.0.0. */
  readonly version?: string;
  /** Address of the API, if the document has none or a relative one. */
  readonly server?: string;
  /** What integers of 64 bits (`format: int64` or `uint64`) are in programs. Default: `number`, which rounds beyond 2^53. */
  readonly int64?: Int64;
  /** Path of the JSON Schema for editors, written into the first line. Default: none. */
  readonly schemaPath?: string;
  /** Other files that the document may refer to. Default: none. */
  readonly files?: DocumentFiles;
  /** Told before each operation is converted. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ImportResult {
  /** The text of `connector.yaml`. */
  readonly yaml: string;
  readonly report: ImportReport;
}

/**
 * @param document An {@link OpenApiDocument}, a parsed document, or its text (JSON or YAML).
 * @throws ConnectorError `import.not_openapi`, `import.unsupported_version`, `import.syntax`, `import.name` or `import.empty`.
 */
export function importOpenApi(document: unknown, options: ImportOptions = {}): ImportResult {
  checkNames(options);
  const given = OpenApiDocument.of(document);
  checkVersion(given.root);
  const losses = new Losses(given.losses);
  const { root, problems, schemas } = bundle(given.root, given.source, options.files);
  const refs = new Refs(root, losses, problems);
  const info = object(root["info"]);
  const id = options.id ?? connectorId(root);
  const types = new Types(refs, losses, options.int64 ?? "number");
  const security = new Security(root, refs, losses, id);
  const servers = new Servers(root, losses, options.server);
  const ctx: Conversion = {
    refs,
    losses,
    security,
    schema: (schema, where, bytes) => types.inline(schema, where, bytes ?? false),
  };

  // Names are assigned over the whole document, so that they do not depend on which part is imported.
  types.nameAll(object(root["components"])["schemas"], schemas);
  const { all, ids } = named(candidatesOf(root, refs, losses));
  const wanted = all.filter((one) => isWanted({ ...one, tags: one.within }, options));
  if (wanted.length === 0) {
    throw invalidRequest(
      "import.empty",
      all.length === 0
        ? "The document has no operations, and a connector needs one. Webhooks are imported beside operations."
        : `None of ${all.length} operations is imported. Loosen include and exclude.`,
    );
  }
  const errors = new ErrorTypes();
  const operations: OutObject = {};
  const auth = security.of(root["security"], "security");
  const signed = (operation: Obj): ReadonlySet<string> =>
    new Set(security.keysOf(operation["security"] ?? root["security"]));
  const tools = { ctx, servers, security, auth, signed };
  for (const [index, one] of wanted.entries()) {
    options.onProgress?.(index, wanted.length);
    if (one.id !== one.wish) {
      losses.add("name", one.where, `Called \`${one.id}\`, as \`${one.wish}\` is taken.`);
    }
    errors.see(ctx, one.operation, one.where);
    const { out, streaming } = importOperation(tools, one);
    operations[one.id] = out;
    if (streaming === undefined) continue;
    const id = ids.take(`${one.id}Stream`, one.method);
    operations[id] = streaming;
    losses.add("stream", one.where, `Nothing says when it streams: as a stream it is \`${id}\`.`);
  }
  const errorsOut = errors.out(ctx, (name) => types.has(name));
  const webhooks = importWebhooks(ctx, root, wanted, options);
  const typesOut = types.convertAll();
  breakEndless(typesOut, losses);
  for (const one of wanted) {
    const out = operations[one.id] as OutObject;
    const examples = examplesOf(ctx, one, out, typesOut);
    if (examples.length > 0) out["examples"] = examples;
  }
  const spec = {
    connector: 1,
    id,
    version: options.version ?? "1.0.0",
    ...nameOf(id, options.name),
    title: text(info["title"]) ?? id,
    description: text(info["description"]),
    link: text(object(root["externalDocs"])["url"]),
    servers: servers.out,
    config: security.config,
    auth: auth === "none" ? undefined : auth,
    errors: errorsOut,
    operations,
    webhooks,
    types: typesOut,
  };
  const report: ImportReport = {
    losses: losses.list,
    operations: wanted.length,
    types: Object.keys(typesOut).length,
    filtered: all.length - wanted.length,
  };
  return { yaml: writeSpec(spec, comment(info, options)), report };
}

interface Named extends CandidateOperation {
  readonly id: string;
  readonly wish: string;
}

function named(
  candidates: readonly CandidateOperation[],
): { readonly all: readonly Named[]; readonly ids: OperationIds } {
  const wished = candidates.map((one) => ({
    ...one,
    wish: operationId({ ...one, tags: one.groups }),
  }));
  const ids = new OperationIds(wished.map((one) => one.wish));
  // Which operation gets a contested name must not depend on the order in the document.
  const order = (one: CandidateOperation): string => `${one.path} ${one.method}`;
  const taken = new Map(
    wished.toSorted((a, b) => order(a) < order(b) ? -1 : 1)
      .map((one) => [order(one), ids.take(one.wish, one.method)]),
  );
  return { all: wished.map((one) => ({ ...one, id: taken.get(order(one)) ?? one.wish })), ids };
}

function comment(info: Obj, options: ImportOptions): string[] {
  const of = `${text(info["title"]) ?? "an OpenAPI document"} ${text(info["version"]) ?? ""}`.trim()
    .replace(/\s+/g, " ");
  const lines = [
    `Imported from ${of}. A new import overwrites this file: make changes in connector.overlay.yaml.`,
  ];
  return options.schemaPath === undefined
    ? lines
    : [`yaml-language-server: $schema=${options.schemaPath}`, ...lines];
}

function checkNames({ id, name }: ImportOptions): void {
  if (id !== undefined && !ID.test(id)) {
    throw invalidRequest(
      "import.name",
      `"${id}" cannot be an id: use lowercase letters, digits and -, such as ${idOf(id)}.`,
    );
  }
  if (name !== undefined && (!isIdentifier(name) || isTakenType(name))) {
    throw invalidRequest(
      "import.name",
      `"${name}" cannot be the name of a class: use letters and digits, such as ${
        pascalCase(idOf(name))
      }Api.`,
    );
  }
}

/** The id that a document is given by its title. */
export function connectorId(document: unknown): string {
  return idOf(text(object(object(document)["info"])["title"]) ?? "api");
}

function idOf(title: string): string {
  const id = title.replace(/\b((rest|open)[ -]?)?api\b|\bv\d+\b/gi, " ").replace(
    /[^A-Za-z0-9]+/g,
    "-",
  )
    .replace(/^[-\d]+|-+$/g, "").toLowerCase();
  return id === "" ? "api" : id;
}

function nameOf(id: string, given: string | undefined): { name?: string } {
  const name = given ?? pascalCase(id);
  if (given !== undefined) return { name };
  return isIdentifier(name) && !isTakenType(name) ? {} : { name: `${name}Api` };
}
