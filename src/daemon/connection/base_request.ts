/** Turns the JSON of a base client's ExecuteRequest into a call. */
import { firstHeader } from "../../core/headers.ts";
import { Buffer } from "node:buffer";
import type { CallRequest, HeaderList } from "../../core/call.ts";
import { invalidRequest } from "../../core/errors.ts";
import { didYouMean } from "../../core/suggest.ts";
import { type ExecuteRequest, MAX_HEADERS } from "../../wire/mod.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();
const FORM = `{"method","url","headers","body","timeout_ms"}`;

export type BaseRequest = Omit<CallRequest, "signal" | "timeoutMs"> & {
  /** Undefined: the client set none. */
  readonly timeoutMs: number | undefined;
};

/** @throws ConnectorError `request.connector`, `request.operation`, `request.payload`. */
export function readBaseRequest(
  message: ExecuteRequest,
  serves: (connector: string) => boolean,
): BaseRequest {
  const { connector } = message;
  if (connector !== "http" && !serves(connector)) {
    throw invalidRequest(
      "request.connector",
      `connector ${quote(message.connector)} is unknown.${
        didYouMean(message.connector, ["http"])
      } ` +
        `This protocol serves "http", and connectors for which the runtime holds a credential.`,
    );
  }
  if (message.operation !== "request") {
    throw invalidRequest(
      "request.operation",
      `operation ${quote(message.operation)} of connector ${quote(connector)} is unknown.` +
        `${didYouMean(message.operation, ["request"])} It has "request".`,
    );
  }
  const json = parse(message.payload);
  return {
    tenantId: message.tenantId || "default",
    workspaceId: message.workspaceId,
    traceId: message.traceId,
    connector,
    operation: "request",
    method: text(json, "method") ?? "GET",
    url: text(json, "url") ?? wrong(`"url" is missing`),
    headers: headers(json["headers"]),
    body: body(json),
    timeoutMs: timeout(json["timeout_ms"]),
    idempotencyKey: firstHeader(message.headers, "idempotency-key"),
    traceparent: firstHeader(message.headers, "traceparent"),
  };
}

function parse(payload: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(payload));
  } catch (error) {
    // The parser's own message would quote the input.
    const found = payload.length === 0
      ? "it is empty"
      : error instanceof SyntaxError
      ? "it is not JSON"
      : "it is not UTF-8";
    return wrong(found);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return wrong("it is not a JSON object");
  }
  return value as Record<string, unknown>;
}

/** Null counts as absent: some clients write every field. */
function text(json: Record<string, unknown>, name: string): string | undefined {
  const value = json[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : wrong(`"${name}" is ${kind(value)}, not a string`);
}

function headers(value: unknown): HeaderList {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object" || Array.isArray(value)) {
    return wrong(`"headers" is ${kind(value)}, not an object`);
  }
  const list: [string, string][] = [];
  for (const [name, field] of Object.entries(value)) {
    for (const one of Array.isArray(field) ? field : [field]) {
      if (typeof one !== "string" && typeof one !== "number" && typeof one !== "boolean") {
        return wrong(`the header ${quote(name)} is ${kind(one)}, not a string`);
      }
      if (list.length === MAX_HEADERS) {
        return wrong(`"headers" has more than ${MAX_HEADERS} values`);
      }
      list.push([name, String(one)]);
    }
  }
  return list;
}

function body(json: Record<string, unknown>): Uint8Array | null {
  const encoding = json["body_encoding"];
  if (encoding === "base64") {
    const encoded = text(json, "body_base64") ?? wrong(`"body_base64" is missing`);
    const bytes = Buffer.from(encoded, "base64");
    // Buffer skips invalid base64; encoding again then differs from the input.
    if (bytes.toString("base64").replaceAll("=", "") !== encoded.replaceAll("=", "")) {
      return wrong(`"body_base64" is not base64`);
    }
    return new Uint8Array(bytes);
  }
  if (encoding !== undefined && encoding !== null) {
    return wrong(`"body_encoding" is ${JSON.stringify(encoding)}, not "base64"`);
  }
  const plain = text(json, "body");
  return plain === undefined ? null : encoder.encode(plain);
}

function timeout(value: unknown): number | undefined {
  if (value === undefined || value === null || value === 0) return undefined;
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  return wrong(
    `"timeout_ms" is ${typeof value === "number" ? value : kind(value)}, not a number above 0`,
  );
}

function kind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

function wrong(found: string): never {
  throw invalidRequest("request.payload", `bad payload: ${found}; it must be JSON like ${FORM}`);
}
