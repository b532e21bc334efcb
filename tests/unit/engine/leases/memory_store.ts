/** A store in this process, which can be taken away. */
import type { SharedEntry, SharedStore } from "../../../../src/engine/leases/shared_store.ts";

export class MemoryStore {
  away = false;
  puts = 0;
  readonly entries: Map<string, SharedEntry> = new Map();
  readonly #watchers = new Map<string, Set<(value: string) => void>>();
  #revision = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  open(): SharedStore {
    const check = (): void => {
      if (this.away) throw new Error("away");
    };
    return {
      get: async (shelf, key) => {
        await Promise.resolve();
        check();
        return this.entries.get(`${shelf}.${key}`);
      },
      put: async (shelf, key, value, revision) => {
        await Promise.resolve();
        check();
        const at = `${shelf}.${key}`;
        if (this.entries.get(at)?.revision !== revision) return undefined;
        this.puts++;
        this.entries.set(at, { value, revision: ++this.#revision, changedAt: this.#now() });
        for (const tell of this.#watchers.get(at) ?? []) tell(value);
        return this.#revision;
      },
      watch: (shelf, key, onValue) => {
        const at = `${shelf}.${key}`;
        const all = this.#watchers.get(at) ?? new Set();
        this.#watchers.set(at, all.add(onValue));
        const there = this.entries.get(at);
        if (there !== undefined) onValue(there.value);
        return () => all.delete(onValue);
      },
      close: () => Promise.resolve(),
    };
  }
}

/** Promises that need no timer have settled. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}
