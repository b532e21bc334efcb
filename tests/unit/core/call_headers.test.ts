import { expect, test } from "bun:test";
import { isTraceparent, withCallHeaders } from "../../../src/core/call_headers.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test("what W3C Trace Context calls a traceparent", () => {
  const valid = [`00-${TRACE}-${SPAN}-01`, `01-${TRACE}-${SPAN}-00`, `cc-${TRACE}-${SPAN}-01-more`];
  const invalid = [
    "",
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-01\r\nx-evil: 1`,
    `00-${TRACE}-${SPAN}-01\n`,
    ` 00-${TRACE}-${SPAN}-01`,
    `01-${TRACE}-${SPAN}-01-\n`,
  ];
  expect(valid.map(isTraceparent)).toEqual(valid.map(() => true));
  expect(invalid.map(isTraceparent)).toEqual(invalid.map(() => false));
});

test("a call that says neither is handed on as it is", () => {
  const call = { headers: [], connector: "http", idempotencyKey: "", traceparent: "" };
  expect(withCallHeaders(call)).toBe(call);
});

test("the key of a connector's call stands in the header of its spec already", () => {
  const call = { headers: [["x-once", "k"]] as const, connector: "shop", idempotencyKey: "k" };
  expect(withCallHeaders(call)).toBe(call);
});
