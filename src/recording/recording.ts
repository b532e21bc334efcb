/** Recorded exchanges and the file that holds them: a line of JSON each, after one that says whose they are. */
import { fromBase64, toBase64 } from "../core/bytes.ts";
import type { HeaderList } from "../core/call.ts";
import { invalidRequest } from "../core/errors.ts";

/** Bytes: as text where they are text. */
export type Content = { readonly text: string } | { readonly base64: string };

export type RecordedChunk = Content & {
  /** Milliseconds since the chunk before, or since the response head. */
  readonly afterMs: number;
};

export interface Exchange {
  readonly request: {
    readonly method: string;
    /** Path and query, as the API got them but for secrets. */
    readonly target: string;
    readonly headers: HeaderList;
    /** Absent: none. */
    readonly body?: Content;
  };
  readonly response: {
    readonly status: number;
    /** Milliseconds since the request. */
    readonly afterMs: number;
    /** Without those of the connection: length, encoding, keep-alive. */
    readonly headers: HeaderList;
    readonly chunks: readonly RecordedChunk[];
    /** The code of the error that ended the body early. */
    readonly broken?: string;
  };
}

export interface Recording {
  /** Id of the connector. */
  readonly connector: string;
  /** Version of its spec. */
  readonly version: string;
  readonly exchanges: readonly Exchange[];
}

const FORMAT = 1;

/** The first line of a file. */
export function formatHead({ connector, version }: Omit<Recording, "exchanges">): string {
  return `${JSON.stringify({ recording: FORMAT, connector, version })}\n`;
}

export function formatExchange(exchange: Exchange): string {
  return `${JSON.stringify(exchange)}\n`;
}

/** @throws ConnectorError `recording.invalid` with the line. */
export function parseRecording(text: string): Recording {
  const lines = text.split("\n").map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== "");
  const [first, ...rest] = lines;
  const head = first === undefined ? undefined : parseLine(first.line, first.number);
  const { recording, connector, version } = head ?? {};
  if (recording !== FORMAT || typeof connector !== "string" || typeof version !== "string") {
    throw invalid(1, `the first line must be {"recording":${FORMAT},"connector":ID,"version":V}`);
  }
  return {
    connector,
    version,
    exchanges: rest.map(({ line, number }) => checked(parseLine(line, number), number)),
  };
}

function parseLine(line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw invalid(number, "it must be an object in JSON");
}

function checked(value: Record<string, unknown>, line: number): Exchange {
  const { request, response } = value;
  const sound = isObject(request) && isObject(response) &&
    typeof request["method"] === "string" && typeof request["target"] === "string" &&
    isHeaders(request["headers"]) &&
    (request["body"] === undefined || isContent(request["body"])) &&
    isStatus(response["status"]) && isTime(response["afterMs"]) &&
    isHeaders(response["headers"]) &&
    Array.isArray(response["chunks"]) &&
    response["chunks"].every((chunk) => isContent(chunk) && isTime(chunk["afterMs"]));
  if (sound) return value as unknown as Exchange;
  throw invalid(
    line,
    "an exchange has a request (method, target, headers) and a response (status, afterMs, headers, chunks)",
  );
}

type Parts = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Parts {
  return typeof value === "object" && value !== null;
}

/** What a response can be made of. */
function isStatus(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599;
}

function isTime(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

function isHeaders(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((pair: unknown) =>
      Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string")
    );
}

function isContent(value: unknown): value is Parts {
  if (!isObject(value)) return false;
  const { text, base64 } = value;
  return text === undefined
    ? typeof base64 === "string" && fromBase64(base64) !== undefined
    : typeof text === "string";
}

function invalid(line: number, what: string): Error {
  return invalidRequest("recording.invalid", `Line ${line} of the recording: ${what}.`);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function contentOf(bytes: Uint8Array): Content {
  try {
    return { text: strict.decode(bytes) };
  } catch {
    return { base64: toBase64(bytes) };
  }
}

export function bytesOf(content: Content): Uint8Array<ArrayBuffer> {
  return "text" in content
    ? new TextEncoder().encode(content.text)
    : fromBase64(content.base64) ?? new Uint8Array(0);
}
