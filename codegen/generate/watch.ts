/** Generates again whenever a spec, or what it imports, changes. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { GenerateOptions, GenerateResult } from "./generate.ts";
import { generate } from "./generate.ts";

export interface WatchOptions extends GenerateOptions {
  /** After each run, the first included. */
  readonly onResult: (result: GenerateResult) => void;
  /** When a run throws, such as when no spec is left. */
  readonly onError: (error: unknown) => void;
}

/** Editors save in several steps: this long is waited for the last one. */
const SETTLE_MS = 50;

/** Returns what stops it. */
export function watchSpecs(options: WatchOptions): () => void {
  const watchers = new Map<string, FSWatcher>();
  let names = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const run = (): void => {
    timer = undefined;
    try {
      const result = generate(options);
      follow(result.inputs);
      options.onResult(result);
    } catch (error) {
      options.onError(error);
    }
  };
  const changed = (folder: string, name: string | null): void => {
    // Our own writes land in the same folders and must not start another run.
    if (name !== null && !names.has(resolve(folder, name)) && !isSpec(name)) return;
    clearTimeout(timer);
    timer = setTimeout(run, SETTLE_MS);
  };
  // Folders, not files: many editors replace a file, and a watch on the old one would see nothing more.
  const follow = (inputs: readonly string[]): void => {
    names = new Set(inputs.map((input) => resolve(input)));
    for (
      const folder of new Set([
        ...options.paths.map((path) => resolve(options.cwd ?? ".", path)),
        ...[...names].map(dirname),
      ])
    ) {
      if (watchers.has(folder)) continue;
      try {
        watchers.set(folder, watch(folder, (_, name) => changed(folder, name)));
      } catch (error) {
        options.onError(error);
      }
    }
  };
  run();
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  };
}

function isSpec(name: string): boolean {
  return /^connector(\.overlay)?\.(ya?ml|json)$/.test(basename(name));
}
