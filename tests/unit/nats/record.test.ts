import { expect, test } from "bun:test";
import type { CallReply } from "../../../src/core/call.ts";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { decodeResult, encodeResult } from "../../../src/nats/jobs/record.ts";

const REPLY: CallReply = {
  requestId: "r-1",
  status: 201,
  headers: [["content-type", "text/plain"]],
  body: new TextEncoder().encode("done"),
  attempts: 3,
  hedges: 1,
  durationUs: 1_200,
  waitedUs: 800,
  queuedUs: 90,
  url: "https://api.example.com/moved",
};

test("the answer of a job says all that an answer says: its waits, its hedges and where it came from", () => {
  expect(decodeResult(encodeResult({ reply: REPLY }))).toEqual({ reply: REPLY });
});

test("the error of a job is the error of the call", () => {
  const error = new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "connection.refused",
    message: "refused",
    sent: "no",
  });
  expect(decodeResult(encodeResult({ error })).error).toMatchObject({
    errorClass: ErrorClass.Transient,
    code: "connection.refused",
    sent: "no",
  });
});
