/** Compares recorded answers with a spec. */
import { joinBytes } from "../../core/bytes.ts";
import { firstHeader, mediaType } from "../../core/headers.ts";
import type { Json } from "../../core/json.ts";
import { MAY_BE_EMPTY } from "../../core/rules/may_be_empty.ts";
import { createRoutes, type RouteFinder } from "../../core/serve/routes.ts";
import { parseJsonSequence, parseLines, parseSSE } from "../../sse/mod.ts";
import { bytesOf, type Exchange, type Recording } from "../recording.ts";
import { compare } from "./compare.ts";
import { counted, finished, keyOf } from "./counted.ts";
import type { DriftConnector, DriftOperation, Schema } from "./connector.ts";
import type { Difference, Report } from "./difference.ts";
import type { Place } from "./flatten.ts";

/** A difference, and in how many exchanges it shows. */
export interface Drift extends Difference {
  readonly times: number;
}

/** Each difference once, in the order in which they show first. */
export async function findDrift(
  connector: DriftConnector,
  recordings: readonly Recording[],
): Promise<Drift[]> {
  const find = createRoutes(connector);
  const found = new Map<string, { first: Difference; times: number }>();
  for (const { exchanges } of recordings) {
    for (const exchange of exchanges) {
      const here = new Map<string, Difference>();
      await compareExchange(connector, find, exchange, (one) => {
        const key = keyOf(one);
        here.set(key, counted(here.get(key), one));
      });
      for (const [key, one] of here) {
        const before = found.get(key);
        found.set(key, {
          first: counted(before?.first, one),
          times: (before?.times ?? 0) + 1,
        });
      }
    }
  }
  return [...found.values()].map(({ first, times }) => ({ ...finished(first), times }));
}

async function compareExchange(
  connector: DriftConnector,
  find: RouteFinder<DriftOperation>,
  exchange: Exchange,
  add: (difference: Difference) => void,
): Promise<void> {
  const { request, response } = exchange;
  const path = new URL(request.target, "http://recorded").pathname;
  const route = find(request.method, path);
  if (!("operation" in route)) {
    const { allowed } = route;
    // An answer that nothing is there tells nothing about the API, nor does a browser that asks first.
    if (response.status === 404 || response.status === 405 || request.method === "OPTIONS") return;
    if (request.method === "HEAD" && allowed.includes("GET")) return;
    add({
      kind: allowed.length === 0 ? "path-unknown" : "method-unknown",
      operation: `${request.method} ${path}`,
      place: "path",
      declared: allowed.length === 0 ? "no operation" : allowed.join(", "),
      found: `${request.method}, answered with ${response.status}`,
    });
    return;
  }
  const { operation } = route;
  await compareAnswer(
    connector,
    operation,
    response,
    (one) => add({ operation: operation.id, ...one }),
  );
}

async function compareAnswer(
  connector: DriftConnector,
  operation: DriftOperation,
  response: Exchange["response"],
  report: Report,
): Promise<void> {
  const { status } = response;
  const header = (name: string) => firstHeader(response.headers, name);
  for (const name of ["deprecation", "sunset"]) {
    const value = header(name);
    if (value === undefined) continue;
    report({ kind: "operation-deprecated", place: name, declared: "nothing", found: value });
  }
  const location = header("location");
  if ([301, 308].includes(status)) {
    report({
      kind: "path-moved",
      place: "location",
      declared: operation.path,
      found: location ?? "",
    });
    return;
  }
  const bytes = joined(response);
  const type = mediaType(header("content-type"));
  if (status >= 400) {
    const rule = operation.errors.find(({ status: ranges }) =>
      ranges.some(({ from, to }) =>
        status >= from && status <= to
      )
    ) ?? operation.errors.find(({ status: ranges }) => ranges.length === 0);
    if (rule === undefined) {
      report({
        kind: "status-undeclared",
        place: "status",
        declared: "no error",
        found: `${status}`,
      });
    } else if (rule.schema !== undefined && (rule.status.length > 0 || type.includes("json"))) {
      const place = { text: `${operation.id} error ${status}`, path: undefined };
      compareJson(rule.schema, response, place, connector.types, report);
    }
    return;
  }
  if (status >= 300) return;
  const { stream, result } = operation;
  if (stream !== undefined && type === STREAM_TYPES[stream.format]) {
    return await compareStream(connector, operation, stream, bytes, response.broken, report);
  }
  if (result.kind !== "json") {
    if (result.kind === "none" && bytes.length > 0) {
      report({ kind: "type-changed", place: "body", declared: "none", found: type || "bytes" });
    }
    return;
  }
  if (MAY_BE_EMPTY.includes(status) && bytes.length === 0) return;
  const place = { text: `${operation.id} result`, path: ["operations", operation.id, "result"] };
  compareJson(result.schema, response, place, connector.types, report);
}

function compareJson(
  schema: Schema,
  response: Exchange["response"],
  place: Place,
  types: DriftConnector["types"],
  report: Report,
): void {
  const bytes = joined(response);
  const type = mediaType(firstHeader(response.headers, "content-type"));
  if (bytes.length === 0) {
    if (response.broken !== undefined) return;
    report({ kind: "body-empty", place: "body", declared: "JSON", found: "no bytes" });
    return;
  }
  if (!type.includes("json")) {
    report({ kind: "content-type-changed", place: "content-type", declared: "JSON", found: type });
  }
  const value = parsed(bytes);
  if (value !== undefined) return compare(schema, value, place, types, report);
  if (!type.includes("json") || response.broken !== undefined) return;
  const found = new TextDecoder().decode(bytes.subarray(0, 60));
  report({ kind: "body-unreadable", place: "body", declared: "JSON", found });
}

const STREAM_TYPES: Readonly<Record<string, string>> = {
  sse: "text/event-stream",
  ndjson: "application/x-ndjson",
  "json-seq": "application/json-seq",
};

async function compareStream(
  connector: DriftConnector,
  operation: DriftOperation,
  { format, item, done }: NonNullable<DriftOperation["stream"]>,
  bytes: Uint8Array,
  broken: string | undefined,
  report: Report,
): Promise<void> {
  let ended = done === undefined;
  const place = {
    text: `${operation.id} item`,
    path: ["operations", operation.id, "stream", "item"],
  };
  for await (const text of textsOf(format, bytes)) {
    if (text.trim() === done) ended = true;
    else if (text.trim() !== "") {
      const value = parsedText(text);
      if (value !== undefined) compare(item, value, place, connector.types, report);
      else {report({
          kind: "body-unreadable",
          place: "item",
          declared: "JSON",
          found: text.slice(0, 60),
        });}
    }
  }
  if (!ended && broken === undefined) {
    report({
      kind: "stream-unended",
      place: "end of the stream",
      declared: done ?? "",
      found: "no end",
    });
  }
}

async function* textsOf(format: string, bytes: Uint8Array): AsyncGenerator<string> {
  const body = new Blob([new Uint8Array(bytes)]).stream();
  if (format === "sse") { for await (const { data } of parseSSE(body)) yield data; }
  else if (format === "ndjson") yield* parseLines(body);
  else if (format === "json-seq") yield* parseJsonSequence(body);
}

function joined({ chunks }: Exchange["response"]): Uint8Array {
  const parts = chunks.map(bytesOf);
  return joinBytes(parts, parts.reduce((sum, { length }) => sum + length, 0));
}

function parsed(bytes: Uint8Array): Json | undefined {
  return parsedText(new TextDecoder().decode(bytes));
}

function parsedText(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
