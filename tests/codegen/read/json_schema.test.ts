/** schemas/connector.schema.json is for editors; it must know what the checker knows, and accept what the checker accepts. */
import { Validator } from "@cfworker/json-schema";
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { CONFIG_KEYS } from "../../../codegen/read/config.ts";
import { PARAMETER_KEYS } from "../../../codegen/read/operation/parameters.ts";
import { SCHEMA_KEYWORDS } from "../../../codegen/read/schema/keywords.ts";
import { SHAPES } from "../../../codegen/read/fields/shapes.ts";
import { compose, diagnose, readCases } from "../../../tools/diagnostic_cases.ts";

interface Definition {
  readonly properties?: Record<string, unknown>;
  readonly required?: readonly string[];
}

const schema = JSON.parse(readFileSync("schemas/connector.schema.json", "utf8")) as
  & Record<string, unknown>
  & { $defs: Record<string, Definition> };
const validator = new Validator(schema, "2020-12", false);
const sorted = (list: Iterable<string>): string[] => [...list].sort();

describe("connector.schema.json", () => {
  for (const [name, shape] of Object.entries(SHAPES)) {
    test(`${name} has the keys of the checker`, () => {
      const definition = schema.$defs[name];
      expect(sorted(Object.keys(definition?.properties ?? {}))).toEqual(
        sorted([...shape.required, ...shape.optional]),
      );
      expect(sorted(definition?.required ?? [])).toEqual(sorted(shape.required));
    });
  }

  test("types, parameters and config fields have the keywords of the checker", () => {
    const keys = (name: string): string[] =>
      sorted(Object.keys(schema.$defs[name]?.properties ?? {}).filter((key) => key !== "$import"));
    expect(keys("schema")).toEqual(sorted(SCHEMA_KEYWORDS));
    expect(keys("parameter")).toEqual(sorted([...SCHEMA_KEYWORDS, ...PARAMETER_KEYS]));
    expect(keys("configField")).toEqual(sorted([...SCHEMA_KEYWORDS, ...CONFIG_KEYS]));
  });

  for (const id of readdirSync("connectors")) {
    const path = `connectors/${id}/connector.yaml`;
    if (!existsSync(path)) continue;
    test(`accepts ${path}`, () => {
      const result = validator.validate(parse(readFileSync(path, "utf8")));
      expect(result.errors.map((one) => `${one.instanceLocation} ${one.error}`)).toEqual([]);
    });
  }

  for (const path of ["docs/connector-spec.md", "docs/guide.md"]) {
    const blocks = [...readFileSync(path, "utf8").matchAll(/^```yaml\n([\s\S]*?)^```$/gm)];
    test(`accepts the examples of ${path}`, () => {
      for (const [, text = ""] of blocks) {
        const { errors } = validator.validate(parse(compose(text)));
        expect(errors.map((one) => `${one.instanceLocation} ${one.error}`)).toEqual([]);
      }
      expect(blocks.length).toBeGreaterThan(1);
    });
  }

  const cases = readCases("tests/codegen/diagnostics");

  test("accepts every right example of the diagnostics", () => {
    const refused = cases.filter((one) => !validator.validate(parse(compose(one.right))).valid);
    expect(refused.map((one) => one.name)).toEqual([]);
  });

  test("refuses unknown keys, as the checker does", () => {
    const wrong = cases.filter((one) => one.code === "VC1102");
    expect(wrong.length).toBeGreaterThan(1);
    for (const one of wrong) {
      expect(diagnose(one, one.wrong).length).toBeGreaterThan(0);
      expect(validator.validate(parse(compose(one.wrong))).valid).toBe(false);
    }
  });
});
