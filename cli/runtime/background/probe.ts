/** Asks a runtime whether it is there. */
import { RuntimeClient } from "../../../src/client/runtime_client.ts";
import type { Health, Transport } from "../../../src/core/call.ts";
import { ConnectorError } from "../../../src/core/errors.ts";

export interface Answer {
  /** Undefined if it answers but refuses us: it requires a different token. */
  readonly health: Health | undefined;
  readonly protocol: Transport["protocol"] | undefined;
  /** Why it does not say more. */
  readonly refusal: string | undefined;
}

const CONNECT_MS = 2_000;

/** Undefined if nothing answers. `token` defaults to the environment's. */
export async function probe(address: string, token?: string): Promise<Answer | undefined> {
  const client = new RuntimeClient({ address, token, connectTimeoutMs: CONNECT_MS });
  try {
    await client.connect();
    const health = await client.health();
    return { health, protocol: client.protocol, refusal: undefined };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (!error.code.startsWith("auth.")) return undefined;
    return { health: undefined, protocol: undefined, refusal: error.message };
  } finally {
    await client.close();
  }
}
