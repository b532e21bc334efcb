/** What people used to OpenAPI, TypeScript or other tools write, and the equivalent here. */

import { METHODS } from "../fields/shapes.ts";

type Habits = Readonly<Record<string, readonly string[]>>;

const OPERATION: Habits = {
  "Method and path are one key: `get: /items`.": ["url", "uri", "endpoint"],
  "The answer is described by `result`.": [
    "response",
    "responses",
    "returns",
    "return",
    "output",
    "results",
  ],
  "Parameters are `input: { name: { in: query, type: string } }`.": [
    "params",
    "parameters",
    "querry",
    "args",
    "arguments",
    "inputs",
  ],
  "What is sent is `body`.": ["requestBody", "payload", "data", "request"],
  "It is called `auth` here.": ["security", "authentication", "authorization"],
  "It is called `paginate` here.": ["pagination", "pages", "paging"],
  "Say which database it is, at the top: `protocol: postgres`.": ["sql", "command", "columns"],
  "The key above it is the id: `items.list: { … }`.": ["operationId", "id", "name"],
};

const CONNECTOR: Habits = {
  "Operations go under their ids: `operations: { items.list: { get: /items } }`.": [
    "paths",
    "endpoints",
    "routes",
    "resources",
  ],
  "Addresses are `servers: { default: https://api.example.com }`.": [
    "baseUrl",
    "baseURL",
    "base_url",
    "url",
    "host",
    "server",
  ],
  "It is called `auth` here.": ["security", "authentication", "authorization"],
  "It is called `types` here.": ["components", "schemas", "definitions", "models"],
  "`title`, `description` and `version` go at the top.": ["info"],
  "Variables are fields of `config`: `config: { apiKey: { type: string, env: API_KEY } }`.": [
    "env",
    "variables",
    "environment",
    "params",
    "parameters",
  ],
  "Retries and timeouts are keys of `policy`.": ["retry", "timeout", "timeouts", "rateLimit"],
};

const KEYWORD: Habits = {
  "Write its keywords right here: `{ in: query, type: string }`.": ["schema"],
  "A property is optional unless the object lists it in `required`.": ["optional"],
};

const HTTP_ONLY = "Only connectors of HTTP have it; remove it.";

const QUERY: Habits = {
  "What is asked is `sql`, or `command` of redis.": [...METHODS, "path", "body", "statement"],
  "Values are `input: { customer: integer }`.": ["params", "parameters", "args", "arguments"],
  "What comes back is `result`.": ["response", "responses", "returns", "return", "output"],
  "The key above it is the id: `items.list: { … }`.": ["operationId", "id", "name"],
  [HTTP_ONLY]: ["server", "auth", "headers", "idempotency", "errors", "hooks", "usage", "waitFor"],
  "Write `limit` and `offset` into the statement, or `stream: rows`.": ["paginate", "pagination"],
};

const DATABASE: Readonly<Record<string, Habits>> = {
  databaseConnector: {
    "Where it is, is `config: { url: { type: string, secret: true, env: SHOP_DB } }`.": [
      "servers",
      "server",
      "url",
      "host",
      "database",
      "connection",
    ],
    "User and password are part of the address: `config: { url: … }`.": [
      "auth",
      "user",
      "password",
    ],
    [HTTP_ONLY]: ["headers", "idempotency", "errors", "webhooks", "hooks"],
    "It is called `operations` here.": ["queries", "statements", "commands"],
  },
  sqlOperation: QUERY,
  commandOperation: QUERY,
  databasePolicy: {
    "A database is never asked twice at the same time; remove it.": ["hedge"],
  },
  databaseRetry: {
    "What writes is repeated only if the server undid it: `session: { isolation: serializable }`.":
      ["unsafe"],
  },
  databaseRateLimit: { "A database sends no headers; remove it.": ["limit", "remaining", "reset"] },
};

/** Help for an unknown key of an operation or a connector. */
export function habitOfKey(shape: string, key: string): string | undefined {
  if (shape === "operation") return find(OPERATION, key);
  if (shape === "connector") return find(CONNECTOR, key);
  const database = DATABASE[shape];
  if (database !== undefined) return find(database, key);
  return shape === "errors" && /^[1-5](\d\d|xx)$/i.test(key)
    ? `Errors are described by rules: \`rules: [{ status: ${key}, class: NotFound }]\`.`
    : undefined;
}

export function habitOfKeyword(keyword: string, value: unknown): string | undefined {
  if (keyword === "required" && typeof value === "boolean") {
    return "The object around it lists what is required: `required: [name]`. Parameters are, without `optional: true`.";
  }
  return find(KEYWORD, keyword);
}

const TYPES: Habits = {
  integer: ["int", "int32", "int64", "long", "short", "uint"],
  number: ["float", "double", "decimal", "num"],
  string: ["str", "text", "varchar", "char"],
  boolean: ["bool"],
  unknown: ["any", "mixed", "json"],
  object: ["dict", "map", "hash", "record", "struct"],
  bytes: ["file", "binary", "blob", "buffer"],
  "{ type: string, format: date }": ["date"],
  "{ type: string, format: date-time }": ["datetime", "date-time", "timestamp"],
  "{ type: string, format: uuid }": ["uuid", "guid"],
  "{ type: string, format: uri }": ["uri", "url"],
  "{ type: string, format: email }": ["email"],
  "string[]": ["array", "list"],
};

/** Help for an unknown type name. */
export function habitOfType(name: string): string | undefined {
  const plain = find(TYPES, name.toLowerCase());
  if (plain !== undefined) return `Write \`${plain}\`.`;
  const list = /^(?:Array|List)<\s*([\w.]+)\s*>$|^\[\s*([\w.]+)\s*\]$/i.exec(name);
  if (list !== null) return `Write \`${list[1] ?? list[2] ?? ""}[]\`.`;
  const optional = /^(\w+)\?$/.exec(name)?.[1] ?? nullableOf(name);
  if (optional !== undefined) {
    const key = /^[a-z]/.test(optional) ? "type" : "$ref";
    return `For a value that may be null, write \`{ ${key}: ${optional}, nullable: true }\`.`;
  }
  return name.includes("|") ? "A choice of types is `{ anyOf: [A, B] }`." : undefined;
}

function nullableOf(name: string): string | undefined {
  const parts = name.split("|").map((part) => part.trim());
  const [other, ...more] = parts.filter((part) => part !== "null" && part !== "undefined");
  return parts.length > 1 && more.length === 0 && /^\w+$/.test(other ?? "") ? other : undefined;
}

function find(habits: Habits, word: string): string | undefined {
  return Object.entries(habits).find(([, words]) => words.includes(word))?.[0];
}
