/**
 * Documents of tests/codegen/golden (imported_…), the specs that importing them gives, and the generated clients at work. After a
 * change that is meant: import each again, `bun run generate tests/codegen/golden`, and read the difference.
 */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { importOpenApi } from "../../../codegen/import/openapi/mod.ts";

const FOLDER = "tests/codegen/golden";

describe("importing", () => {
  for (const name of readdirSync(FOLDER).filter((one) => one.startsWith("imported_"))) {
    test(`${name} gives the spec beside it`, () => {
      const { yaml } = importOpenApi(readFileSync(`${FOLDER}/${name}/openapi.yaml`, "utf8"));
      expect(yaml).toBe(readFileSync(`${FOLDER}/${name}/connector.yaml`, "utf8"));
    });
  }
});
