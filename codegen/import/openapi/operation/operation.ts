/** One operation of a document. */
import { importBody } from "./body.ts";
import type { Conversion } from "../conversion.ts";
import { addFixedQuery, importParameters } from "./parameters.ts";
import type { Refs } from "../refs.ts";
import { importResponses } from "./responses.ts";
import type { OutObject } from "../schema/out.ts";
import type { Security } from "../security.ts";
import type { Servers } from "../servers.ts";
import { isObject, type Obj, object, strings, text } from "../value.ts";

const METHODS = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];

export interface CandidateOperation {
  readonly operationId: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly item: Obj;
  readonly operation: Obj;
  /** `GET /items`, for the report. */
  readonly where: string;
}

export function candidatesOf(document: Obj, refs: Refs): CandidateOperation[] {
  const found: CandidateOperation[] = [];
  for (const [path, value] of Object.entries(object(document["paths"]))) {
    if (!path.startsWith("/")) continue;
    const item = refs.follow(value, path);
    for (const method of METHODS) {
      const operation = item[method];
      if (!isObject(operation)) continue;
      found.push({
        operationId: text(operation["operationId"]),
        method,
        path,
        tags: strings(operation["tags"]).filter((tag) => tag.trim() !== ""),
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
  /** The document's own, which needs no repeating. */
  readonly auth: unknown;
  /** `in name` of the keys that sign an operation. */
  readonly signed: (operation: Obj) => ReadonlySet<string>;
}

export function importOperation(tools: OperationImport, candidate: CandidateOperation): OutObject {
  const { ctx } = tools;
  const { operation, item, where, method } = candidate;
  const [beforeHash = ""] = candidate.path.split("#");
  const [path = "/", query = ""] = beforeHash.split("?");
  if (candidate.path.includes("#")) {
    ctx.losses.add("operation", where, "The fragment of the path is left out.");
  }
  const server = tools.servers.nameFor(operation["servers"] ?? item["servers"], where);
  const input = importParameters(ctx, item, operation, path, where, tools.signed(operation));
  addFixedQuery(input, query);
  addFixedQuery(input, tools.servers.queryOf(server));
  const body = importBody(ctx, operation, method, Object.keys(input), where);
  const { result, stream, paginate } = importResponses(ctx, operation, input, where);
  if (operation["callbacks"] !== undefined) {
    ctx.losses.add("callback", where, "Callbacks are left out.");
  }
  const out: OutObject = { [method]: path.replaceAll(" ", "%20").replaceAll("/:", "/%3A") };
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
  put("result", result);
  put("stream", stream);
  put("paginate", paginate);
  return out;
}

function ownAuth(tools: OperationImport, operation: Obj, where: string): unknown {
  if (operation["security"] === undefined) return undefined;
  const own = tools.security.of(operation["security"], where);
  if (own === undefined || JSON.stringify(own) === JSON.stringify(tools.auth)) return undefined;
  return own === "none" && (tools.auth === undefined || tools.auth === "none") ? undefined : own;
}
