/** The policy of all as one runtime obeys it. */
import type { DaemonLog } from "../../../src/daemon/mod.ts";
import type { Sharing } from "../../../src/engine/leases/sharing.ts";
import type { RuntimeSettings } from "../settings.ts";
import { readCopy, writeCopy } from "./policy_copy.ts";
import type { SharedOptions } from "./shared.ts";

interface Deps {
  /** The runtime's settings with this policy. Rejects if it has a mistake. */
  readonly read: (policy: string) => Promise<RuntimeSettings>;
  readonly log: DaemonLog;
}

/** Undefined if this runtime obeys none. */
export function policyOfAll(
  shared: SharedOptions | undefined,
  deps: Deps,
): PolicyOfAll | undefined {
  return shared?.policyFile === undefined ? undefined : new PolicyOfAll(shared.policyFile, deps);
}

export class PolicyOfAll {
  /** What is in force. */
  text: string | undefined;
  readonly #file: string;
  readonly #deps: Deps;

  constructor(file: string, deps: Deps) {
    this.#file = file;
    this.#deps = deps;
  }

  /** The settings with the present one, or else the last good one. `onChange` gets later ones. */
  async begin(
    sharing: Sharing,
    onChange: (text: string) => void,
  ): Promise<RuntimeSettings | undefined> {
    const now = await sharing.policy((text) => {
      if (text !== this.text) onChange(text);
    });
    const kept = await readCopy(this.#file);
    return await this.#obey(now) ?? (kept === now ? undefined : await this.#obey(kept));
  }

  async #obey(policy: string | undefined): Promise<RuntimeSettings | undefined> {
    if (policy === undefined) return undefined;
    const { read, log } = this.#deps;
    try {
      const settings = await read(policy);
      await this.accept(policy);
      return settings;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.error("the policy of all was rejected: {message}", { message });
      return undefined;
    }
  }

  async accept(policy: string | undefined): Promise<void> {
    if (policy !== undefined && policy !== this.text) await writeCopy(this.#file, policy);
    this.text = policy;
  }
}
