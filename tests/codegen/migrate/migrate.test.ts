import { describe, expect, test } from "bun:test";
import { migrateSpec, type MigrationStep } from "../../../codegen/migrate/mod.ts";
import { ConnectorError } from "../../../src/core/errors.ts";

const CURRENT = "# Notes\nconnector: 1\nid: notes\n";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConnectorError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "nothing was thrown";
}

describe("a spec that cannot be moved", () => {
  const CASES: readonly [text: string, expected: RegExp][] = [
    ["id: notes\n", /^migrate\.no_format: a\.yaml has no `connector:` line.*add `connector: 1`/],
    ["connector: one\n", /^migrate\.no_format: a\.yaml says `connector: one`/],
    ["connector: 0\n", /^migrate\.no_format/],
    ["connector: 1.5\n", /^migrate\.no_format/],
    [
      "connector: 9\n",
      /^migrate\.newer: a\.yaml is in format 9 and this version knows formats up to 1/,
    ],
    ["connector: [\n", /^migrate\.syntax: a\.yaml:\d+ cannot be read/],
    ["- connector\n", /^migrate\.syntax/],
    ["", /^migrate\.syntax/],
  ];
  for (const [text, expected] of CASES) {
    test(JSON.stringify(text), () => {
      expect(codeOf(() => migrateSpec("a.yaml", text))).toMatch(expected);
    });
  }
});

test("the current format: nothing to do, not a byte changes", () => {
  expect(migrateSpec("a.yaml", CURRENT)).toEqual({ text: CURRENT, from: 1, to: 1, taken: [] });
});

describe("steps", () => {
  const STEPS: readonly MigrationStep[] = [
    {
      from: 1,
      title: "renames base to servers",
      apply(document) {
        document.set("servers", { default: document.get("base") });
        document.delete("base");
      },
    },
    { from: 2, title: "adds a title", apply: (document) => document.set("title", "Notes") },
  ];
  const OLD = `# What this is
connector: 1 # the format
id: notes
base: https://notes.example
operations:
  notes.list: { get: /notes } # short
`;

  test("are taken in order from where the spec is, and comments stay", () => {
    const moved = migrateSpec("a.yaml", OLD, STEPS, 3);
    expect(moved).toMatchObject({
      from: 1,
      to: 3,
      taken: ["renames base to servers", "adds a title"],
    });
    expect(moved.text).toContain("# What this is\nconnector: 3 # the format\n");
    expect(moved.text).toContain("  notes.list: { get: /notes } # short\n");
    expect(moved.text).toContain("servers:\n  default: https://notes.example\n");
    expect(moved.text).toContain("title: Notes\n");
    expect(moved.text).not.toContain("base:");
    expect(migrateSpec("a.yaml", moved.text, STEPS, 3).taken).toEqual([]);
  });

  test("of earlier versions are left out", () => {
    const moved = migrateSpec("a.yaml", OLD.replace("connector: 1", "connector: 2"), STEPS, 3);
    expect(moved.taken).toEqual(["adds a title"]);
    expect(moved.text).toContain("base: https://notes.example");
  });
});
