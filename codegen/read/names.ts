/** Names in generated code: how they derive from the spec, and which are taken. */

/** `per_page`, `chat-completions` → `["per", "page"]`. Numbers stay with what is before them. */
export function words(text: string): string[] {
  return text
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
}

export function camelCase(text: string): string {
  const [first = "", ...rest] = words(text);
  return guard(first.toLowerCase() + rest.map(capitalised).join(""));
}

export function pascalCase(text: string): string {
  return guard(words(text).map(capitalised).join(""));
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** An identifier cannot start with a digit. */
function guard(name: string): string {
  return /^\p{N}/u.test(name) ? `_${name}` : name;
}

export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}

const RESERVED_WORDS = new Set(
  ("arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof undefined var void while with yield async of")
    .split(" "),
);

export function isReservedWord(name: string): boolean {
  return RESERVED_WORDS.has(name);
}

const TAKEN_TYPES = new Set(
  ("any unknown never object string number boolean bigint symbol Array ArrayBuffer AsyncIterable AsyncIterator Blob " +
    "Boolean BigInt ConnectorError Date Error Exclude Extract File FormData Function Headers Infinity Iterable JSON " +
    "Map Math NaN Number Object Omit Partial Pick Promise Proxy ReadableStream Readonly Record RegExp Request " +
    "Required Response Set String Symbol TypeError Uint8Array URL URLSearchParams WeakMap AbortSignal ErrorClass " +
    "globalThis").split(" "),
);

/** A type of this name would hide one that generated code needs. */
export function isTakenType(name: string): boolean {
  return TAKEN_TYPES.has(name) || isReservedWord(name);
}

/** Members that every generated client has; an operation or group of that name would hide them. */
export const CLIENT_MEMBERS: ReadonlySet<string> = new Set([
  "check",
  "close",
  "config",
  "constructor",
  "prototype",
  "then",
  "toJSON",
  "toString",
  "valueOf",
  "webhooks",
  "withOptions",
]);

/** Members no object can safely have. */
export const UNSAFE_MEMBERS: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "prototype",
  "then",
]);

/** Constructor options of every client; a config field of that name would clash. */
export const CLIENT_OPTIONS: ReadonlySet<string> = new Set([
  "baseURL",
  "baseUrl",
  "client",
  "clock",
  "credentials",
  "env",
  "fetch",
  "headers",
  "hedgeAfterMs",
  "idempotencyKey",
  "logger",
  "maxEventBytes",
  "maxResponseBytes",
  "retries",
  "runtime",
  "server",
  "signal",
  "tenantId",
  "timeoutMs",
  "traceId",
  "transport",
  "variables",
  "workspaceId",
]);

/** What generated code appends to the name of an operation's types. */
export const TYPE_SUFFIXES: readonly string[] = [
  "",
  "Input",
  "Result",
  "Item",
  "Body",
  "Params",
  "Page",
  "Stream",
  "Operation",
];
