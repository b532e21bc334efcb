/** The overlay that drift proposes is one that a spec can have, with which it says what the API does. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadFromSpec } from "../../../cli/call/spec.ts";
import type { Json } from "../../../src/core/json.ts";
import {
  type Drift,
  type Exchange,
  findDrift,
  proposeOverlay,
} from "../../../src/recording/mod.ts";

const SPEC = `
connector: 1
id: api
version: 1.0.0
servers: { default: "https://api.example/v1" }
operations:
  get:
    get: /users/{id}
    input: { id: string }
    result: User
types:
  User:
    type: object
    required: [id, name]
    properties:
      id: integer
      name: { type: string, maxLength: 5 }
      role: { enum: [admin, member] }
      since: { type: string, format: date-time }
      tags: { type: array, items: string, maxItems: 1 }
      address: { type: object, properties: { city: string } }
      pet: { oneOf: [Cat, Dog] }
      mates: "User[]"
  Cat: { type: object, required: [kind], properties: { kind: { const: cat } } }
  Dog: { type: object, required: [kind], properties: { kind: { const: dog } } }
`;

const USER = { id: 1, name: "Ada" };
const CASES: Readonly<Record<string, readonly Json[]>> = {
  "a new field": [{ ...USER, email: "a" }, { ...USER, email: null }],
  "a new field that is null": [{ ...USER, email: null }],
  "new lists": [{ ...USER, none: [], some: [{ a: 1 }, { b: null }], mixed: [1, "a"] }],
  "new objects": [{ ...USER, o: { p: { q: 1.5 }, r: [], s: null } }],
  "new fields of several types": [{ ...USER, v: 1 }, { ...USER, v: "a" }],
  "new fields with odd names": [{ ...USER, "a.b": 1, "c d": 2, "ü": 3, constructor: 4 }],
  "new fields deep inside": [{
    ...USER,
    address: { geo: { lat: 1 } },
    pet: { kind: "cat", age: 1 },
  }],
  "fields that are missing": [{ id: 1 }, { name: "Ada" }],
  "another type": [{ ...USER, id: "1" }],
  "another type of items": [{ ...USER, tags: [1] }],
  "nulls": [{ ...USER, name: null, role: null, pet: null, mates: null }],
  "new values of an enum": [{ ...USER, role: "guest" }, { ...USER, role: "owner" }],
  "values beyond limits": [{ ...USER, name: "Augusta", tags: ["a", "b"], since: "2026" }],
  "all of it at another place": [{ ...USER, mates: [{ id: 2, zip: 1, role: null }] }],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vastar-overlay-"));
  await writeFile(join(folder, "connector.yaml"), SPEC);
});
afterAll(() => rm(folder, { recursive: true }));

async function driftOf(bodies: readonly Json[]): Promise<Drift[]> {
  const definition = await loadFromSpec(join(folder, "connector.yaml"));
  if (definition === undefined) throw new Error("The spec has hooks.");
  const exchanges = bodies.map((body): Exchange => ({
    request: { method: "GET", target: "/v1/users/1", headers: [] },
    response: {
      status: 200,
      afterMs: 0,
      headers: [["content-type", "application/json"]],
      chunks: [{ afterMs: 0, text: JSON.stringify(body) }],
    },
  }));
  return await findDrift(definition, [{ connector: "api", version: "1.0.0", exchanges }]);
}

for (const [what, bodies] of Object.entries(CASES)) {
  test(what, async () => {
    const overlay = join(folder, "connector.overlay.yaml");
    await rm(overlay, { force: true });
    const drift = await driftOf(bodies);
    expect(drift.length).toBeGreaterThan(0);
    await writeFile(overlay, stringify(proposeOverlay(drift)));
    // A field of an alternative of a union is for people to add.
    const left = (await driftOf(bodies)).filter(({ edit }) => edit !== undefined);
    expect(left).toEqual([]);
  });
}
