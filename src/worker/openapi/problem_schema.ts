/** Failures, as the document describes them. */
import type { SchemaNode } from "../../schema/check.ts";

export const PROBLEM: SchemaNode = {
  type: "object",
  description: "What went wrong (RFC 9457).",
  required: ["title", "status", "detail", "code", "class", "requestId", "retryable", "sent"],
  properties: {
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What was found and what would be right." },
    code: { type: "string", description: "Stable and dotted." },
    class: { $ref: "#/components/schemas/ErrorClass" },
    requestId: { type: "string" },
    retryable: { type: "boolean", description: "Whether repeating the same request may succeed." },
    retryAfterMs: { type: "number" },
    sent: {
      enum: ["no", "maybe", "committed"],
      description: "Whether the API may have acted on the call.",
    },
    attempts: { type: "integer", description: "Attempts made upstream." },
    waitedMs: { type: "number", description: "Spent between attempts." },
    queuedMs: { type: "number", description: "Time spent in the runtime's own queues." },
    upstreamStatus: { type: "integer", description: "Status of the API's answer." },
    error: {
      type: "string",
      description: "Class of the connector's error, where the API answered.",
      examples: ["NotFoundError"],
    },
    apiCode: { type: "string", description: "The API's own code of the error." },
    apiType: { type: "string", description: "The API's own type of the error." },
    errors: {
      type: "array",
      description: "Mistakes in the input.",
      items: {
        type: "object",
        required: ["path", "pointer", "message"],
        properties: {
          path: { type: "string", examples: ["$.messages[0].role"] },
          pointer: { type: "string", examples: ["/messages/0/role"] },
          message: { type: "string" },
        },
      },
    },
    known: {
      type: "array",
      items: { type: "string" },
      description: "Names that would be right.",
    },
  },
};

/** By itself, as `class` is a word that languages keep for themselves. */
export const ERROR_CLASS: SchemaNode = {
  type: "string",
  description: "What a caller can do about the failure.",
  enum: ["Transient", "Permanent", "RateLimited", "Timeout", "InvalidRequest"],
};

const CONTENT: SchemaNode = {
  "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
};

const FAILURES: Readonly<Record<string, string>> = {
  400: "The input or a header is invalid; `errors` names each mistake of the input.",
  401: "A key is needed, or the one that was sent is not valid.",
  403: "The key may not use this, or the destination is not allowed.",
  409: "A call with the same idempotency key and another input is under way.",
  415: "The input is not sent as JSON.",
  422: "The idempotency key was used for another input.",
  429: "Too many calls; `Retry-After` says when to come back.",
  502: "The API failed or refused the credentials of this server.",
  503: "The connector is not configured, or the runtime cannot be reached.",
  504: "The API took too long.",
};

/** For `components`: each failure once, however many operations have it. */
export const PROBLEM_RESPONSES: SchemaNode = Object.fromEntries(
  Object.entries(FAILURES).map(([status, description]) => [
    `Problem${status}`,
    { description, content: CONTENT },
  ]),
);

export const FAILURE_REFERENCES: SchemaNode = Object.fromEntries(
  Object.keys(FAILURES).map((status) => [
    status,
    { $ref: `#/components/responses/Problem${status}` },
  ]),
);
