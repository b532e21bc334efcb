/** Every rule, each by an edit of one spec; and what the changes mean for the version. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import {
  compareVersions,
  diffConnectors,
  formatChanges,
  judge,
  type Level,
  nextVersion,
  RULES,
} from "../../../codegen/diff/mod.ts";
import type { ConnectorModel } from "../../../codegen/model/mod.ts";
import { formatDiagnostics } from "../../../codegen/read/report/format.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { ownOf } from "../../support/share.ts";
import { BACKWARDS, type Case, CASES, DATABASE, DATABASE_CASES, type Edit } from "./cases.ts";

const BASE = readFileSync(new URL("./base.yaml", import.meta.url), "utf8");

function edited(edits: readonly Edit[], base = BASE): ConnectorModel {
  let text = base;
  for (const [from, to] of edits) {
    if (text.split(from).length !== 2) {
      throw new Error(`not exactly once in base.yaml: ${from}`);
    }
    text = text.replace(from, () => to);
  }
  return load(text);
}

function load(text: string): ConnectorModel {
  const { model, diagnostics } = loadConnector({ path: "base.yaml", text });
  if (model === undefined) throw new Error(formatDiagnostics(diagnostics));
  return model;
}

function told(old: ConnectorModel, now: ConnectorModel): string[] {
  return diffConnectors(old, now).map(({ code, subject }) => `${code} ${subject}`);
}

const base = load(BASE);

describe("changes", () => {
  test("a spec and itself: none, also when it moved and lines were added", () => {
    expect(diffConnectors(base, base)).toEqual([]);
    expect(diffConnectors(base, load(`\n\n# A comment\n${BASE}`))).toEqual([]);
  });

  for (const { expected, edits } of ownOf(CASES)) {
    test(expected.join(", "), () => expect(told(base, edited(edits))).toEqual([...expected]));
  }
  for (const { expected, edits } of ownOf(BACKWARDS)) {
    test(expected.join(", "), () => expect(told(edited(edits), base)).toEqual([...expected]));
  }
  for (const { expected, edits } of DATABASE_CASES) {
    test(`of a database: ${expected.join(", ")}`, () => {
      expect(told(load(DATABASE), edited(edits, DATABASE))).toEqual([...expected]);
    });
  }
  test("every rule has a case", () => {
    const all: readonly Case[] = [...CASES, ...BACKWARDS, ...DATABASE_CASES];
    const covered = new Set(
      all.flatMap(({ expected }) => expected.map((one) => one.split(" ")[0])),
    );
    expect(Object.keys(RULES).filter((code) => !covered.has(code))).toEqual([]);
  });
});

describe("what changes ask of the version", () => {
  const NEXT: readonly [string, Level | undefined, string][] = [
    ["1.4.2", "breaking", "2.0.0"],
    ["1.4.2", "feature", "1.5.0"],
    ["1.4.2", "fix", "1.4.3"],
    ["1.4.2", undefined, "1.4.2"],
    ["0.3.1", "breaking", "0.4.0"],
    ["0.3.1", "feature", "0.3.2"],
    ["0.3.1", "fix", "0.3.2"],
    ["2.0.0-beta.9", "breaking", "2.0.0-beta.10"],
    ["2.0.0-beta", "fix", "2.0.0-beta.1"],
    ["1.4.2+build.7", "fix", "1.4.3"],
  ];
  for (const [version, level, next] of NEXT) {
    test(`${version} and ${level}: ${next}`, () => expect(nextVersion(version, level)).toBe(next));
  }

  test("versions in the order of semver.org", () => {
    const sorted = [
      "0.9.9",
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "1.0.1",
      "1.2.0",
      "1.10.0",
      "2.0.0",
    ];
    for (const [at, version] of sorted.entries()) {
      expect(compareVersions(version, version)).toBe(0);
      for (const later of sorted.slice(at + 1)) {
        expect(compareVersions(version, later)).toBeLessThan(0);
        expect(compareVersions(later, version)).toBeGreaterThan(0);
      }
    }
  });

  test("the verdict compares the number that the spec has with the one it needs", () => {
    const removed = edited([["  files: https://files.notes.example\n", ""]]);
    const changes = diffConnectors(base, removed);
    expect(judge(changes, base, removed)).toEqual({
      level: "breaking",
      proposed: "2.0.0",
      found: "1.4.2",
      enough: false,
    });
    const raised = { ...removed, version: "2.1.0" };
    expect(judge(changes, base, raised).enough).toBe(true);
    expect(judge([], base, base)).toMatchObject({ level: undefined, enough: true });
  });
});

describe("the report", () => {
  const now = edited([
    ["  files: https://files.notes.example\n", ""],
    ["{ name: all,", "{ name: some,"],
    ["      why:", "      by: { in: query, type: string, optional: true }\n      why:"],
  ]);
  const changes = diffConnectors(base, now);
  const verdict = judge(changes, base, now);

  test("as text: one line a change, with its place, then the verdict", () => {
    expect(formatChanges(changes, verdict, "text")).toBe(
      "base.yaml:11:3: breaking server.removed: server files was removed\n" +
        "base.yaml:86:7: feature parameter.added.optional: notes.delete by was added\n" +
        "base.yaml:36:3: fix operation.examples: notes.list has other examples\n" +
        "\n" +
        "1 breaking change, 1 feature, 1 fix: a breaking release, 2.0.0 or later; " +
        "the new spec says 1.4.2; make it 2.0.0.\n",
    );
  });
  test("as JSON", () => {
    const parsed: unknown = JSON.parse(formatChanges(changes, verdict, "json"));
    expect(parsed).toMatchObject({
      level: "breaking",
      proposed: "2.0.0",
      enough: false,
      changes: [
        {
          level: "breaking",
          code: "server.removed",
          subject: "server files",
          side: "old",
          at: { file: "base.yaml", line: 11, column: 3 },
        },
        { code: "parameter.added.optional", side: "new" },
        { code: "operation.examples" },
      ],
    });
  });
  test("without changes", () => {
    const same = judge([], base, base);
    expect(formatChanges([], same, "text")).toBe("Nothing changed; the version is 1.4.2.\n");
  });
});

test("recursive and renamed types end, and are reported once", () => {
  const node = (name: string, extra: string) =>
    `connector: 1\nid: tree\nversion: 1.0.0\nservers: { default: https://tree.example }\n` +
    `operations:\n  get:\n    get: /\n    result: ${name}\n  list:\n    get: /all\n    result: { type: array, items: ${name} }\n` +
    `types:\n  ${name}:\n    type: object\n    properties:\n      next: ${name}\n      all: { type: array, items: { type: object, properties: { inner: ${name} } } }\n${extra}`;
  const old = load(node("Node", ""));
  expect(told(old, load(node("Node", "      more: string\n")))).toEqual([
    "response.property.added Node.more",
  ]);
  expect(told(old, load(node("Branch", "")))).toEqual(["type.removed Node", "type.added Branch"]);
});
