/**
 * The cases of tests/codegen/diagnostics: for each mistake a wrong and a right spec, and what is said about the wrong one.
 * The golden test runs them, and docs/diagnostics.md is generated from them.
 *
 * A case is a text of sections, each headed by `#= name`: `wrong`, `right`, `expected`, and for what it takes more
 * `file PATH` (another file), `link PATH TARGET` (a symbolic link) and `limits` (JSON). What every spec needs is added
 * around fragments that lack it. `␀` stands for a NUL character, `⟦ff⟧` for a byte.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../codegen/read/report/diagnostic.ts";
import type { LoadIo } from "../codegen/load/io.ts";
import { DEFAULT_LIMITS } from "../codegen/load/limits.ts";
import { loadConnector } from "../codegen/load_connector.ts";

export interface DiagnosticCase {
  /** File name: `VC1201` or `VC1201.lists`. */
  readonly name: string;
  readonly code: string;
  readonly path: string;
  /** As in the case, without the additions. */
  readonly wrong: string;
  readonly right: string;
  readonly expected: string;
  readonly files: ReadonlyMap<string, string>;
  readonly links: ReadonlyMap<string, string>;
  readonly limits: Readonly<Record<string, number>>;
}

const HEAD = `connector: 1
id: demo
version: 1.0.0
servers: { default: https://api.example.com }
`;
const DATABASE_HEAD = `connector: 1
id: demo
version: 1.0.0
config: { url: { type: string, secret: true, env: DEMO_DB } }
`;
const DATABASE_OPERATIONS =
  "operations: { ping: { sql: select 1 as one, columns: { one: integer } } }\n";
const OPERATIONS = "operations: { ping: { get: /ping } }\n";

export function readCases(folder: string): DiagnosticCase[] {
  return readdirSync(folder).filter((name) => name.endsWith(".case")).sort().map((file) => {
    const path = join(folder, file);
    return parseCase(path, file.slice(0, -".case".length), readFileSync(path, "utf8"));
  });
}

function parseCase(path: string, name: string, text: string): DiagnosticCase {
  const sections = new Map<string, string>();
  for (const part of text.split(/^#= /m).slice(1)) {
    const end = part.indexOf("\n");
    sections.set(part.slice(0, end).trim(), part.slice(end + 1));
  }
  const files = new Map<string, string>();
  const links = new Map<string, string>();
  for (const [title, body] of sections) {
    const [kind, one = "", other = ""] = title.split(" ");
    if (kind === "file") files.set(one, body);
    if (kind === "link") links.set(one, other);
  }
  return {
    name,
    code: name.slice(0, 6),
    path,
    wrong: sections.get("wrong") ?? "",
    right: sections.get("right") ?? "",
    expected: sections.get("expected") ?? "",
    files,
    links,
    limits: JSON.parse(sections.get("limits") ?? "{}") as Record<string, number>,
  };
}

export function compose(fragment: string): string {
  if (fragment.startsWith("#! as it stands\n")) return fragment.slice(fragment.indexOf("\n") + 1);
  let text = fragment;
  const has = (key: string): boolean => new RegExp(`^${key}:`, "m").test(fragment);
  const database = /^protocol: (?!http$)/m.test(fragment);
  if (!has("operations")) text += database ? DATABASE_OPERATIONS : OPERATIONS;
  const head = database ? DATABASE_HEAD : HEAD;
  return head.split("\n").filter((line) => line !== "" && !has(line.slice(0, line.indexOf(":"))))
    .join("\n") + "\n" + text;
}

/** Runs a fragment as `connector.yaml` of a folder that exists only in memory. */
export function diagnose(one: DiagnosticCase, fragment: string): readonly Diagnostic[] {
  const files = new Map([...one.files].map(([path, text]) => [path, text]));
  files.set("connector.yaml", compose(fragment));
  return loadConnector("connector.yaml", memoryIo(files, one.links), {
    ...DEFAULT_LIMITS,
    ...one.limits,
  }).diagnostics;
}

export function memoryIo(
  files: ReadonlyMap<string, string>,
  links: ReadonlyMap<string, string> = new Map(),
): LoadIo {
  const find = (path: string): Uint8Array => {
    const text = files.get(path) ?? files.get(links.get(path) ?? "");
    if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    return bytesOf(text);
  };
  return {
    read: find,
    size: (path) => find(path).length,
    realPath: (path) => {
      if (path === ".") return "/spec";
      if (!links.has(path)) find(path);
      return links.get(path) ?? `/spec/${path}`;
    },
  };
}

function bytesOf(text: string): Uint8Array {
  const parts = text.replaceAll("␀", "\0").split(/⟦([0-9a-f]{2})⟧/);
  const encoder = new TextEncoder();
  return new Uint8Array(
    parts.flatMap((part, index) =>
      index % 2 === 0 ? [...encoder.encode(part)] : [parseInt(part, 16)]
    ),
  );
}
