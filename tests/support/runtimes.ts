/**
 * Where Bun, Deno and Node are, for tests and tools that start processes. Each is looked for in this process, in
 * its VASTAR_TEST_* variable, on PATH, through npx, which a machine with only Node and npm has, and last through Bun or
 * Deno, each of which can bring the other.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fetchRuntime, VERSIONS } from "../../tools/fetch_runtime.ts";

/** `node20` runs JavaScript only: the oldest Node that the built package promises to work on. */
export type RuntimeName = "bun" | "deno" | "node" | "node20";

export interface Runtime {
  readonly name: RuntimeName;
  /** The binary itself, not a launcher in front of it: signals reach the program. Empty when it is missing. */
  readonly path: string;
  /** Why tests with this runtime are skipped; undefined when it is there. */
  readonly missing: string | undefined;
  /** Arguments that make `path` run a TypeScript file of this repository with all permissions. */
  script(file: string, ...args: string[]): string[];
}

interface Recipe {
  readonly command: string;
  readonly variable: string;
  /** Installed by npx when PATH has none of these versions. */
  readonly npm: string;
  readonly atLeast: string;
  /** The first version that is too new for what it has to show. */
  readonly below?: string;
  /** Prints the path of the binary and its version. */
  readonly probe: readonly string[];
  readonly flags: readonly string[];
}

const PROBE = "console.log(process.execPath, process.versions.NAME)";
/** Bun and Deno put themselves on the PATH of what they start, under the name of Node. */
const NODE_PROBE =
  "const { bun, deno } = process.versions; if (bun ?? deno) throw new Error('not Node itself');" +
  PROBE.replace("NAME", "node");
const RECIPES: Record<RuntimeName, Recipe> = {
  bun: {
    command: "bun",
    variable: "VASTAR_TEST_BUN",
    npm: `bun@${VERSIONS.bun}`,
    atLeast: VERSIONS.bun,
    probe: ["-e", PROBE.replace("NAME", "bun")],
    flags: [],
  },
  deno: {
    command: "deno",
    variable: "VASTAR_TEST_DENO",
    npm: `deno@${VERSIONS.deno}`,
    atLeast: VERSIONS.deno,
    probe: ["eval", "console.log(Deno.execPath(), Deno.version.deno)"],
    flags: ["run", "-A", "--no-check"],
  },
  node: {
    command: "node",
    variable: "VASTAR_TEST_NODE",
    npm: "node@24",
    // The first that strips types without a flag.
    atLeast: "22.18.0",
    probe: ["-e", NODE_PROBE],
    flags: [],
  },
  node20: {
    command: "node",
    variable: "VASTAR_TEST_NODE20",
    npm: "node@20",
    atLeast: "20.0.0",
    below: "21.0.0",
    probe: ["-e", NODE_PROBE],
    flags: [],
  },
};

/** True when version `a` is `b` or later; both `major.minor.patch`. */
export function isAtLeast(a: string, b: string): boolean {
  const wanted = b.split(".").map(Number);
  const found = a.split(".").map((part) => Number.parseInt(part, 10));
  for (const [index, part] of wanted.entries()) {
    const own = found[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

function ask(command: string, args: readonly string[]): { path: string; version: string } | string {
  const result = spawnSync(command, args, { encoding: "utf8", timeout: 120_000 });
  if (result.error !== undefined) return result.error.message;
  const [path, version] = result.stdout.trim().split("\n").at(-1)?.split(" ") ?? [];
  if (result.status !== 0 || path === undefined || version === undefined) {
    return result.stderr.trim().split("\n").at(-1) ?? `exit code ${result.status}`;
  }
  return { path, version };
}

function locate(name: RuntimeName): { path: string; missing: string | undefined } {
  const recipe = RECIPES[name];
  const given = process.env[recipe.variable];
  if (given !== undefined && given !== "") return { path: given, missing: undefined };
  const { command, atLeast, below } = recipe;
  const onPath = ask(command, recipe.probe);
  if (
    typeof onPath === "object" && isAtLeast(onPath.version, atLeast) &&
    (below === undefined || !isAtLeast(onPath.version, below))
  ) {
    return { path: onPath.path, missing: undefined };
  }
  const fetched = ask("npx", ["-y", "-p", recipe.npm, "--", command, ...recipe.probe]);
  if (typeof fetched === "object") return { path: fetched.path, missing: undefined };
  let tried = `npx ${recipe.npm} failed: ${fetched}`;
  if (name === "bun" || name === "deno") {
    try {
      return { path: fetchRuntime(name), missing: undefined };
    } catch (error) {
      tried = `${tried}; ${(error as Error).message}`;
    }
  }
  const found = typeof onPath === "object" ? `PATH has ${onPath.version}` : "PATH has none";
  return {
    path: "",
    missing: `${command} ${atLeast} or later${
      below === undefined ? "" : `, before ${below}`
    }: ${found}, and ${tried}`,
  };
}

const known = new Map<RuntimeName, Runtime>();

/** Looked for once a process; a slow first answer (npx may download) is remembered for child processes too. */
export function runtime(name: RuntimeName): Runtime {
  const found = known.get(name);
  if (found !== undefined) return found;
  const { path, missing } = locate(name);
  const { flags, variable } = RECIPES[name];
  if (missing === undefined) process.env[variable] = path;
  const made: Runtime = {
    name,
    path,
    missing,
    script: (file, ...args) => [...flags, file, ...args],
  };
  known.set(name, made);
  return made;
}

/** The title of a test that is skipped when there is a reason to: a report shows it, and `deno task test` wants it. */
export function titled(title: string, reason: string | undefined): string {
  return reason === undefined ? title : `${title}: ${reason}`;
}

export const RUNTIMES: readonly RuntimeName[] = ["bun", "deno", "node"];
