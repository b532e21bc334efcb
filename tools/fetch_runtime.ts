/**
 * Installs Bun through Deno, or Deno through Bun, from npm: `deno run -A tools/fetch_runtime.ts bun` prints its path. Not
 * the packages `bun` and `deno` themselves: their launchers need Node, or install scripts. The packages with the
 * binary for one platform need neither.
 */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";

export type FetchedName = "bun" | "deno";

/** The versions that are tested. */
export const VERSIONS: Readonly<Record<FetchedName, string>> = { bun: "1.4.5", deno: "2.9.5" };

interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly musl: boolean;
}

/** The package with the binary, and the path in it. */
export function binaryPackage(name: FetchedName, machine: Machine): { name: string; file: string } {
  const { platform, arch, musl } = machine;
  const ending = platform === "win32" ? ".exe" : "";
  if (name === "deno") {
    const libc = platform === "linux" ? "-glibc" : "";
    return { name: `@deno/${platform}-${arch}${libc}`, file: `deno${ending}` };
  }
  const system = platform === "win32" ? "windows" : platform;
  const cpu = arch === "arm64" ? "aarch64" : arch;
  return { name: `@oven/bun-${system}-${cpu}${musl ? "-musl" : ""}`, file: `bin/bun${ending}` };
}

/** The path of the binary, installed beside this repository's packages if missing. Throws if that fails. */
export function fetchRuntime(name: FetchedName): string {
  const version = VERSIONS[name];
  const { platform, arch } = process;
  const musl = existsSync("/etc/alpine-release");
  const from = binaryPackage(name, { platform, arch, musl });
  const path = join(
    import.meta.dirname,
    "../node_modules/.runtimes",
    `${name}-${version}`,
    basename(from.file),
  );
  if (existsSync(path)) return path;
  // Not in this repository, whose own packages would be installed instead.
  const folder = mkdtempSync(join(tmpdir(), "vastar-runtime-"));
  try {
    const manifest = { private: true, dependencies: { [from.name]: version } };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(folder, "deno.json"), `{ "nodeModulesDir": "manual", "lock": false }`);
    const { stderr, error } = spawnSync(process.execPath, ["install"], {
      cwd: folder,
      encoding: "utf8",
    });
    const installed = join(folder, "node_modules", from.name, from.file);
    if (!existsSync(installed)) {
      const why = error?.message ?? stderr.trim();
      throw new Error(`${from.name}@${version} could not be installed: ${why}`);
    }
    mkdirSync(dirname(path), { recursive: true });
    // Concurrent installs must not see half a file.
    const whole = `${path}-${process.pid}`;
    copyFileSync(installed, whole);
    renameSync(whole, path);
    return path;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const [name] = process.argv.slice(2);
  if (name !== "bun" && name !== "deno") throw new Error(`say bun or deno, not ${name}`);
  console.log(fetchRuntime(name));
}
