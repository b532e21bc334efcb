/** Generates again whenever a spec, or what it imports, changes. */
import { existsSync, type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { foldersIn, SPEC_NAMES } from "./find_specs.ts";
import type { GenerateOptions, GenerateResult } from "./generate.ts";
import { generate } from "./generate.ts";

export interface WatchOptions extends GenerateOptions {
  /** After each run, the first included. */
  readonly onResult: (result: GenerateResult) => void;
  /** Called if a run throws, for example because no spec is left. */
  readonly onError: (error: unknown) => void;
}

/** Editors save in several steps: how long to wait for the last one. */
const SETTLE_MS = 50;

/** Returns a function that stops it. */
export function watchSpecs(options: WatchOptions): () => void {
  const paths = options.paths.map((path) => resolve(options.cwd ?? ".", path));
  const folders = new WatchedFolders((folder, name) => changed(folder, name), options.onError);
  let names: ReadonlySet<string> = new Set(paths);
  /** From the last run: a folder that appears or disappears only matters if it has specs. */
  let seen = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let certain = false;

  const run = (): void => {
    timer = undefined;
    folders.follow(toWatch(paths, names));
    const now = specsAt(paths).join("\n");
    if (!certain && now === seen) return;
    certain = false;
    seen = now;
    try {
      const result = generate(options);
      names = new Set([...paths, ...result.inputs.map((input) => resolve(input))]);
      folders.follow(toWatch(paths, names));
      options.onResult(result);
    } catch (error) {
      options.onError(error);
    }
  };
  const changed = (folder: string, name: string | null): void => {
    // Our own writes land in the same folders and must not start another run.
    if (name === null || names.has(resolve(folder, name)) || isSpec(name)) certain = true;
    else if (!paths.includes(folder)) return;
    clearTimeout(timer);
    timer = setTimeout(run, SETTLE_MS);
  };
  certain = true;
  run();
  return () => {
    clearTimeout(timer);
    folders.follow([]);
  };
}

/**
 * Folders, not files: many editors replace a file, and a watch on the old one would see nothing more. Includes folders
 * that may get a spec, and their parents, where a removed folder may reappear.
 */
function toWatch(paths: readonly string[], names: ReadonlySet<string>): string[] {
  const own = paths.flatMap((path) => isFolder(path) ? [path, ...foldersIn(path)] : []);
  return [...new Set([...own, ...[...names].map((name) => dirname(name))])].filter(isFolder);
}

function specsAt(paths: readonly string[]): string[] {
  return paths.flatMap((path) => isFolder(path) ? [path, ...foldersIn(path)] : [path])
    .flatMap((path) => isFolder(path) ? SPEC_NAMES.map((name) => join(path, name)) : [path])
    .filter((path) => existsSync(path));
}

class WatchedFolders {
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();
  readonly #onChange: (folder: string, name: string | null) => void;
  readonly #onError: (error: unknown) => void;

  constructor(
    onChange: (folder: string, name: string | null) => void,
    onError: (error: unknown) => void,
  ) {
    this.#onChange = onChange;
    this.#onError = onError;
  }

  /** Watches exactly these from now on. A recreated folder is watched again. */
  follow(folders: readonly string[]): void {
    const wanted = new Map(folders.map((folder) => [folder, inodeOf(folder)]));
    for (const [folder, { watcher, inode }] of this.#watchers) {
      if (wanted.get(folder) === inode) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const [folder, inode] of wanted) {
      if (inode === undefined || this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, (_, name) => this.#onChange(folder, name));
        // Removing a folder may fail its watch; the parent's watch reports it.
        watcher.on("error", () => {});
        this.#watchers.set(folder, { watcher, inode });
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isSpec(name: string): boolean {
  return /^connector(\.overlay|\.lock)?\.(ya?ml|json)$/.test(basename(name));
}
