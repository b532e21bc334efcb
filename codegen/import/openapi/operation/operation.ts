/** One operation of a document. */
import { METHODS, OTHER_METHODS } from "../../../read/fields/shapes.ts";
import { importBody } from "./body.ts";
import type { Losses } from "../loss.ts";
import type { Conversion } from "../conversion.ts";
import { addFixedQuery, importParameters } from "./parameters.ts";
import type { Refs } from "../refs.ts";
import { importResponses } from "./responses.ts";
import type { OutObject } from "../schema/out.ts";
import type { Security } from "../security.ts";
import type { Servers } from "../servers.ts";
import { Tags } from "./tags.ts";
import { isObject, type Obj, object, strings, text } from "../value.ts";

export interface CandidateOperation {
  readonly operationId: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly tags: readonly string[];
  /** Those of them that an operation can be named by. */
  readonly groups: readonly string[];
  /** They, and what they are part of. */
  readonly within: readonly string[];
  readonly item: Obj;
  readonly operation: Obj;
  /** `GET /items`, for the report. */
  readonly where: string;
}

export function candidatesOf(
  document: Obj,
  refs: Refs,
  losses: Losses,
): CandidateOperation[] {
  const found: CandidateOperation[] = [];
  const tagsOf = new Tags(document);
  for (const [path, value] of Object.entries(object(document["paths"]))) {
    if (!path.startsWith("/")) continue;
    const item = refs.follow(value, path);
    const methods: [string, unknown][] = METHODS.map((method) => [method, item[method]]);
    for (const [method, operation] of Object.entries(object(item["additionalOperations"]))) {
      if (OTHER_METHODS.includes(method)) methods.push([method, operation]);
      else losses.add("operation", path, `The method ${method} is not known; it is left out.`);
    }
    for (const [method, operation] of methods) {
      if (!isObject(operation)) continue;
      const tags = strings(operation["tags"]).filter((tag) => tag.trim() !== "");
      found.push({
        operationId: text(operation["operationId"]),
        method,
        path,
        tags,
        groups: tagsOf.grouping(tags),
        within: tagsOf.withParents(tags),
        item,
        operation,
        where: `${method.toUpperCase()} ${path}`,
      });
    }
  }
  return found;
}

export interface OperationImport {
  readonly ctx: Conversion;
  readonly servers: Servers;
  readonly security: Security;
  /** The document's own servers, which need not be repeated. */
  readonly auth: unknown;
  /** `in name` of the keys that authenticate an operation. */
  readonly signed: (operation: Obj) => ReadonlySet<string>;
}

export interface ImportedOperation {
  readonly out: OutObject;
  /** The same as a stream, where nothing in the input tells when it is one. */
  readonly streaming?: OutObject;
}

export function importOperation(
  tools: OperationImport,
  candidate: CandidateOperation,
): ImportedOperation {
  const { ctx } = tools;
  const { operation, item, where, method } = candidate;
  const [beforeHash = ""] = candidate.path.split("#");
  const [path = "/", query = ""] = beforeHash.split("?");
  if (candidate.path.includes("#")) {
    ctx.losses.add("operation", where, "The fragment of the path is left out.");
  }
  const server = tools.servers.nameFor(operation["servers"] ?? item["servers"], where);
  const input = importParameters(ctx, item, operation, path, where, tools.signed(operation));
  for (const fixed of [query, tools.servers.queryOf(server)]) {
    if (fixed !== "") addFixedQuery(ctx, input, fixed, where);
  }
  const body = importBody(ctx, operation, method, Object.keys(input), where);
  const { result, stream, paginate, apart } = importResponses(ctx, operation, input, where);
  const written = path.replaceAll(" ", "%20").replaceAll("/:", "/%3A");
  const out: OutObject = METHODS.includes(method)
    ? { [method]: written }
    : { method, path: written };
  const put = (key: string, value: unknown): void => {
    if (value !== undefined) out[key] = value;
  };
  const summary = text(operation["summary"]);
  put("summary", summary);
  const description = text(operation["description"]);
  put("description", description === summary ? undefined : description);
  put("link", text(object(operation["externalDocs"])["url"]));
  put("tags", candidate.tags.length === 0 ? undefined : candidate.tags);
  if (operation["deprecated"] === true) {
    out["deprecated"] = text(operation["x-deprecation-reason"]) ??
      "Marked as deprecated by the API.";
  }
  put("server", server);
  put("auth", ownAuth(tools, operation, where));
  put("input", Object.keys(input).length === 0 ? undefined : input);
  put("body", body);
  const streaming = apart === undefined ? undefined : { ...out, stream: apart };
  put("result", result);
  put("stream", stream);
  put("paginate", paginate);
  return streaming === undefined ? { out } : { out, streaming };
}

function ownAuth(tools: OperationImport, operation: Obj, where: string): unknown {
  if (operation["security"] === undefined) return undefined;
  const own = tools.security.of(operation["security"], where);
  if (own === undefined || JSON.stringify(own) === JSON.stringify(tools.auth)) return undefined;
  return own === "none" && (tools.auth === undefined || tools.auth === "none") ? undefined : own;
}
