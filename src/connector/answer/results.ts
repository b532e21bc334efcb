/** Response bodies as values. */
import { chain } from "../../core/chain.ts";
import { badAnswer, type ConnectorError } from "../../core/errors.ts";
import type { CallReply } from "../../core/call.ts";
import { discard } from "../../core/read_limited.ts";
import { MAY_BE_EMPTY } from "../../core/rules/may_be_empty.ts";
import { readBytes, readText } from "./read_body.ts";
import type { JsonReader } from "../data/digits.ts";
import type { ResultDecoder } from "../data/operation.ts";

/** Undefined for an empty body with a status that says so. */
export const jsonResult: ResultDecoder = (reply, maxBytes, redact) =>
  readJson(JSON.parse, reply, maxBytes, redact);

/** The same with a parser of its own. */
export function jsonResultWith(parse: JsonReader): ResultDecoder {
  return (reply, maxBytes, redact, json) =>
    readJson((text) => parse(text, json), reply, maxBytes, redact);
}

function readJson(
  parse: (text: string) => unknown,
  reply: CallReply,
  maxBytes: number,
  redact: (text: string) => string,
): unknown {
  return chain(
    readText(reply.body, maxBytes),
    (text) =>
      text === "" && MAY_BE_EMPTY.includes(reply.status)
        ? undefined
        : parseJson(parse, text, reply, redact),
  );
}

/** For a spec with `mayBeEmpty`: undefined for an empty body, whatever the status. */
export function orNothing(decoder: ResultDecoder): ResultDecoder {
  return (reply, maxBytes, redact, json) =>
    chain(
      readBytes(reply.body, maxBytes),
      (body) => body.length === 0 ? undefined : decoder({ ...reply, body }, maxBytes, redact, json),
    );
}

export const textResult: ResultDecoder = (reply, maxBytes) => readText(reply.body, maxBytes);
export const binaryResult: ResultDecoder = (reply, maxBytes) => readBytes(reply.body, maxBytes);
export const noResult: ResultDecoder = (reply) => {
  discard(reply.body);
};

/** The start of the body is shown: a proxy's HTML page explains more than a syntax error. */
function parseJson(
  parse: (text: string) => unknown,
  text: string,
  reply: CallReply,
  redact: (text: string) => string,
): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw unreadable("response.not_json", "JSON", text, reply, redact, cause);
  }
}

/** The error about a body that is not what it should be. */
export function unreadable(
  code: string,
  wanted: string,
  text: string,
  reply: CallReply,
  redact: (text: string) => string,
  cause?: unknown,
): ConnectorError {
  // Before it is cut: half a secret could no longer be recognised.
  const shown = redact(text);
  return badAnswer(
    code,
    `The API should have answered with ${wanted}, but the body ${
      text === ""
        ? "is empty: where the API may do that, the spec says `mayBeEmpty: true`"
        : `starts with ${JSON.stringify(shown.slice(0, 80))}`
    }`,
    // JavaScript engines quote a part of what they could not parse.
    { ...factsOf(reply), status: reply.status, ...(shown === text && { cause }) },
  );
}

/** The facts about an answer that its error carries. */
export function factsOf(
  reply: CallReply,
): { requestId: string; attempts: number; waitedUs: number; queuedUs: number } {
  const { requestId, attempts, waitedUs = 0, queuedUs = 0 } = reply;
  return { requestId, attempts, waitedUs, queuedUs };
}
