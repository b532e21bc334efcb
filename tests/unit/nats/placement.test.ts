import { describe, expect, test } from "bun:test";
import type { ConnectorError } from "../../../src/core/errors.ts";
import { formatPlacement, parsePlacement, takes } from "../../../src/nats/placement.ts";

describe("placement", () => {
  test("takes what its connectors and its tenants both allow", () => {
    const only = parsePlacement([
      "connector=openai",
      "connector=stripe",
      "tenant=a=b",
      "tenant=a=b",
    ]);
    expect(only).toEqual({ connectors: ["openai", "stripe"], tenants: ["a=b"] });
    expect(formatPlacement(only)).toBe("connector=openai connector=stripe tenant=a=b");
    const calls = [["openai", "a=b"], ["stripe", "a=b"], ["openai", "a"], [
      "github",
      "a=b",
    ]] as const;
    expect(calls.map(([connector, tenantId]) => takes(only, { connector, tenantId })))
      .toEqual([true, true, false, false]);
    expect(takes(parsePlacement([]), { connector: "x", tenantId: "y" })).toBe(true);
  });

  for (const bad of ["", "openai", "=x", "connector=", "conector=openai"]) {
    test(`refuses ${JSON.stringify(bad)}`, () => {
      let error: unknown;
      try {
        parsePlacement([bad]);
      } catch (thrown) {
        error = thrown;
      }
      expect((error as ConnectorError).code).toBe("pool.placement");
      expect((error as ConnectorError).message).toContain("write connector=NAME or tenant=NAME");
      if (bad.startsWith("con")) {
        expect(bad === "connector=" || /Did you mean/.test(String(error))).toBe(true);
      }
    });
  }
});
