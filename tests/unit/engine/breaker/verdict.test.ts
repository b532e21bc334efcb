import { expect, test } from "bun:test";
import { ConnectorError, ErrorClass, type Origin } from "../../../../src/core/errors.ts";
import type { Verdict } from "../../../../src/engine/breaker/breaker.ts";
import { verdictOfError, verdictOfStatus } from "../../../../src/engine/breaker/verdict.ts";

const STATUSES: Record<Verdict, number[]> = {
  ok: [200, 204, 299, 304],
  failure: [408, 500, 502, 503, 504, 529, 599],
  answered: [302, 400, 401, 404, 409, 421, 422, 425, 429, 451, 501, 505],
  none: [],
};

for (const [verdict, statuses] of Object.entries(STATUSES)) {
  for (const status of statuses) {
    test(`${status} is ${verdict}`, () => expect(verdictOfStatus(status)).toBe(verdict as Verdict));
  }
}

const ERRORS: readonly [code: string, origin: Origin, attemptMs: number, Verdict][] = [
  ["connect.refused", "upstream", 1, "failure"],
  ["dns.not_found", "upstream", 1, "failure"],
  ["tls.expired", "upstream", 1, "failure"],
  ["upstream.bad_http", "upstream", 1, "failure"],
  ["timeout.first_byte", "upstream", 60_000, "failure"],
  ["response.too_large", "upstream", 1, "answered"],
  ["redirect.too_many", "upstream", 1, "answered"],
  ["egress.denied", "local", 1, "none"],
  ["call.cancelled", "caller", 9_000, "none"],
  ["deadline.exceeded", "local", 999, "none"],
  ["deadline.exceeded", "local", 1_000, "failure"],
];

for (const [code, origin, attemptMs, verdict] of ERRORS) {
  test(`${code} after ${attemptMs} ms is ${verdict}`, () => {
    const error = new ConnectorError({
      errorClass: ErrorClass.Permanent,
      code,
      message: code,
      origin,
    });
    expect(verdictOfError(error, attemptMs)).toBe(verdict);
  });
}
