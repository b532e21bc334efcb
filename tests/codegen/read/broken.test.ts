/** Specs broken at random places: every outcome is a valid model or diagnostics, never an exception. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { CODES } from "../../../codegen/read/report/codes.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { halfOf } from "../../support/share.ts";
import { compose } from "../../../tools/diagnostic_cases.ts";

const DOCS = [
  ...readFileSync("docs/connector-spec.md", "utf8").matchAll(/^```yaml\n([\s\S]*?)^```$/gm),
];
const SPECS: readonly unknown[] = [
  ...readdirSync("connectors").map((id) => `connectors/${id}/connector.yaml`).filter((path) =>
    existsSync(path)
  ).map((path) => parse(readFileSync(path, "utf8")) as unknown),
  ...DOCS.map((block) => parse(compose(block[1] ?? "")) as unknown),
];

type Place = { holder: Record<string, unknown>; key: string };

function places(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push({ holder: value as Record<string, unknown>, key });
    places((value as Record<string, unknown>)[key], found);
  }
  return found;
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      null,
      true,
      0,
      1.5,
      "",
      "$",
      "$.a[0]",
      "$body.x",
      "${config.x}",
      "${",
      "/{x}",
      "Nope",
      "string[]",
      "[]",
      "5s",
      "__proto__",
    ],
    ...[[], {}, [null], { type: "array" }, { $ref: "#/a/b" }, { $import: "./x" }, { allOf: [] }, {
      oneOf: ["string"],
    }, { json: 1 }],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

describe("broken specs", () => {
  test("are reported, never thrown", () => {
    const damage = fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.nat(), damage, (which, list) => {
        const copy = structuredClone(SPECS[which % SPECS.length]);
        for (const [at, value] of list) {
          const all = places(copy);
          const place = all[at % Math.max(1, all.length)];
          if (place !== undefined) place.holder[place.key] = structuredClone(value);
        }
        const { model, diagnostics } = loadConnector({
          path: "spec.json",
          text: JSON.stringify(copy),
        });
        expect(model === undefined).toBe(diagnostics.some((one) => one.severity === "error"));
        for (const one of diagnostics) {
          expect(Object.hasOwn(CODES, one.code)).toBe(true);
          expect(one.line).toBeGreaterThan(0);
          expect(one.caret).toBeLessThanOrEqual(one.excerpt.length + 1);
        }
      }),
      halfOf(300),
    );
  });
});
