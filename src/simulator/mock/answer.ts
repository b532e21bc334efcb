/** Writes an example, or a sample for the schema, as the API would send it. */
import type { Json } from "../../core/json.ts";
import { isObject } from "../input.ts";
import { matchScore } from "./flat.ts";
import { type Flat, flattenInput } from "./flat.ts";
import type { MockConnector, MockExample, MockOperation, MockStream } from "./types.ts";
import { sampleOf } from "../sample.ts";

export interface MockAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly contentType: string | undefined;
  /** Sent one after the other; a single one if it is not a stream. */
  readonly pieces: readonly (string | Uint8Array)[];
  readonly streamed: boolean;
}

/**
 * The example whose values are all in the request, with the most values; else the first one that succeeds.
 * Undefined if there is none of that kind (streamed or not).
 */
export function pickExample(
  operation: MockOperation,
  request: Flat,
  streams: boolean,
): { example: MockExample; exact: boolean } | undefined {
  let best: MockExample | undefined;
  let bestScore = -1;
  // An error is the same for a call that would have streamed.
  const fits = (example: MockExample) =>
    example.status >= 400 || (example.events !== undefined) === streams;
  for (const example of operation.examples) {
    const score = fits(example) ? matchScore(flattenInput(example.input), request) : -1;
    if (score > bestScore) [best, bestScore] = [example, score];
  }
  if (best !== undefined) return { example: best, exact: true };
  const usual = operation.examples.find((example) => example.status < 300 && fits(example));
  return usual === undefined ? undefined : { example: usual, exact: false };
}

export function doesStream(stream: MockStream | undefined, request: Flat): boolean {
  return stream !== undefined && stream.when.every(({ path, oneOf }) => {
    const value = request.get(path.filter((part) => typeof part === "string").join("."));
    return value !== undefined && oneOf.some((wanted) => String(wanted) === value);
  });
}

export function answerWith(
  operation: MockOperation,
  example: MockExample,
  streams: boolean,
): MockAnswer {
  const { status, headers } = example;
  if (streams && operation.stream !== undefined && example.events !== undefined && status < 400) {
    return { ...streamAnswer(operation.stream, example.events), status, headers };
  }
  return { ...bodyAnswer(operation, example.output, status), status, headers };
}

/** Without examples: the smallest answer that fits the schema. */
export function sampleAnswer(
  connector: MockConnector,
  operation: MockOperation,
  streams: boolean,
): MockAnswer {
  const base = { status: 200, headers: [] };
  if (streams && operation.stream !== undefined) {
    const item = sampleOf(withTypes(connector, operation.stream.item), "sample") as Json;
    return { ...streamAnswer(operation.stream, [item]), ...base };
  }
  const { kind, schema } = operation.result;
  if (kind === "none") return { ...bodyAnswer(operation, undefined, 204), ...base, status: 204 };
  const output = kind === "json" ? sampleOf(withTypes(connector, schema), "sample") : "sample";
  return { ...bodyAnswer(operation, output as Json, 200), ...base };
}

/** Links to the API's own servers are rewritten to the mock, so that the next page is requested here. */
export function linkHome(
  connector: MockConnector,
  headers: MockAnswer["headers"],
  home: string,
): MockAnswer["headers"] {
  const servers = Object.values(connector.servers);
  return headers.map(([name, value]) =>
    /^(?:link|location)$/i.test(name)
      ? [name, servers.reduce((text, server) => text.replaceAll(server, home), value)]
      : [name, value]
  );
}

/** The body of a requested error: an example with that status, else a sample of the API's error type. */
export function errorBody(
  connector: MockConnector,
  operation: MockOperation | undefined,
  status: number,
  message: string,
): unknown {
  const example = operation?.examples.find((item) => item.status === status);
  if (example?.output !== undefined) return example.output;
  const rules = operation?.errors ?? connector.operations[0]?.errors ?? [];
  const rule = rules.find((item) =>
    item.schema !== undefined &&
    item.status.some(({ from, to }) => from <= status && status <= to)
  ) ?? rules.find((item) => item.schema !== undefined);
  if (rule === undefined) return { error: { message } };
  return sampleOf(withTypes(connector, rule.schema), message);
}

function withTypes(connector: MockConnector, schema: unknown): unknown {
  return isObject(schema) ? { ...schema, $defs: connector.types } : schema;
}

type Written = Pick<MockAnswer, "contentType" | "pieces" | "streamed">;

function bodyAnswer(operation: MockOperation, output: Json | undefined, status: number): Written {
  if (output === undefined) return { contentType: undefined, pieces: [], streamed: false };
  if (operation.result.kind === "json" || status >= 400) {
    const pieces = [JSON.stringify(output)];
    return { contentType: "application/json", pieces, streamed: false };
  }
  const binary = operation.result.kind === "binary";
  return {
    contentType: binary ? "application/octet-stream" : "text/plain; charset=utf-8",
    pieces: [bytesOf(output)],
    streamed: false,
  };
}

const STREAM_TYPES = {
  "sse": "text/event-stream; charset=utf-8",
  "ndjson": "application/x-ndjson",
  "json-seq": "application/json-seq",
  "bytes": "application/octet-stream",
} as const;

function streamAnswer(stream: MockStream, events: readonly Json[]): Written {
  const pieces = events.map((event) => pieceOf(stream.format, event));
  if (stream.done !== undefined) {
    pieces.push(stream.format === "sse" ? `data: ${stream.done}\n\n` : `${stream.done}\n`);
  }
  return { contentType: STREAM_TYPES[stream.format], pieces, streamed: true };
}

function pieceOf(format: MockStream["format"], event: Json): string | Uint8Array {
  const text = JSON.stringify(event);
  if (format === "bytes") return bytesOf(event);
  if (format === "ndjson") return `${text}\n`;
  if (format === "json-seq") return `\u001e${text}\n`;
  // APIs that name their events repeat the name in the data.
  const type = isObject(event) ? event["type"] : undefined;
  return `${typeof type === "string" ? `event: ${type}\n` : ""}data: ${text}\n\n`;
}

function bytesOf(value: Json): string | Uint8Array {
  if (typeof value === "string") return value;
  const encoded = isObject(value) ? value["base64"] : undefined;
  if (typeof encoded !== "string") return JSON.stringify(value);
  return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
}
