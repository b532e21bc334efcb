/** PGlite: PostgreSQL in this process, in memory or in a folder. It gets and gives the bytes that a server would. */
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import type { PGlite } from "@electric-sql/pglite";
import type { DatabaseTarget } from "../../../../core/database/driver.ts";
import { loadPackage } from "../../../../core/optional_package.ts";
import { drivers } from "../packages.ts";
import type { PostgresTransport } from "./open.ts";

export interface PgliteInstances {
  transport(target: DatabaseTarget): Promise<PostgresTransport>;
  close(): Promise<void>;
}

/** One for each tenant and URL; what is in memory lives as long as the engine. */
export function createPglite(): PgliteInstances {
  const instances = new Map<string, Promise<Instance>>();

  function instanceOf({ url, owner }: DatabaseTarget): Promise<Instance> {
    const key = JSON.stringify([owner, url.pathname]);
    let instance = instances.get(key);
    if (instance === undefined) {
      instance = create(url.pathname);
      instances.set(key, instance);
      instance.catch(() => instances.delete(key));
    }
    return instance;
  }

  return {
    async transport(target) {
      return { socket: new PgliteSocket(await instanceOf(target)), stop: async () => {} };
    },
    async close() {
      const all = [...instances.values()];
      instances.clear();
      await Promise.allSettled(
        all.map(async (instance) => await (await instance).database.close()),
      );
    },
  };
}

interface Instance {
  readonly database: PGlite;
  /** What was sent before; one at a time, whoever sent it. */
  before: Promise<void>;
}

async function create(pathname: string): Promise<Instance> {
  const { PGlite } = await loadPackage(drivers.pglite, "pglite: needs", "@electric-sql/pglite");
  const path = decodeURIComponent(pathname);
  const database = await PGlite.create(path.includes("/") ? path : "memory://");
  return { database, before: Promise.resolve() };
}

/** A message that lets the server close: there is only one, and others go on using it. */
const TERMINATE = 0x58;

class PgliteSocket extends EventEmitter {
  readyState = "open";
  readonly #instance: Instance;

  constructor(instance: Instance) {
    super();
    this.#instance = instance;
  }

  write(bytes: Uint8Array): boolean {
    const message = Uint8Array.from(bytes);
    if (message[0] === TERMINATE) return true;
    const { before } = this.#instance;
    this.#instance.before = before.then(() => this.#exchange(message)).catch((error: unknown) => {
      if (this.readyState === "open") this.emit("error", error);
      this.destroy();
    });
    return true;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    // Whoever comes next finds no transaction, whatever was open.
    const { before, database } = this.#instance;
    this.#instance.before = before.then(async () => {
      await database.exec("rollback");
    }).catch(() => {});
    queueMicrotask(() => this.emit("close", false));
  }

  async #exchange(message: Uint8Array): Promise<void> {
    const answers: Buffer[] = [];
    const { database } = this.#instance;
    await database.runExclusive(() =>
      database.execProtocolRawStream(message, {
        onRawData: (bytes) => void answers.push(Buffer.from(bytes)),
      })
    );
    if (answers.length > 0 && this.readyState === "open") this.emit("data", Buffer.concat(answers));
  }
}
