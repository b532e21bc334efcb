/** Response bodies as values. */
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import type { CallReply } from "../core/call.ts";
import { discard, readBytes, readText } from "./read_body.ts";

export type ResultDecoder = (reply: CallReply, maxBytes: number) => Promise<unknown>;

/** Undefined for an empty body with a status that says so. */
export const jsonResult: ResultDecoder = async (reply, maxBytes) => {
  const text = await readText(reply.body, maxBytes);
  if (
    text === "" &&
    (reply.status === 204 || reply.status === 205 || reply.status === 202 || reply.status === 304)
  ) {
    return undefined;
  }
  return parseJson(text, reply);
};

export const textResult: ResultDecoder = (reply, maxBytes) => readText(reply.body, maxBytes);
export const binaryResult: ResultDecoder = (reply, maxBytes) => readBytes(reply.body, maxBytes);
export const noResult: ResultDecoder = (reply) => {
  discard(reply.body);
  return Promise.resolve(undefined);
};

/** The start of the body is shown: a proxy's HTML page explains more than a syntax error. */
export function parseJson(text: string, reply: CallReply): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConnectorError({
      errorClass: ErrorClass.Permanent,
      code: "response.not_json",
      message: `The API should have answered with JSON, but the body ${
        text === "" ? "is empty" : `starts with ${JSON.stringify(text.slice(0, 80))}`
      }`,
      origin: "upstream",
      sent: "committed",
      status: reply.status,
      requestId: reply.requestId,
      attempts: reply.attempts,
      cause,
    });
  }
}
