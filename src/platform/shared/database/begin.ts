import type { CallSignal } from "../../../core/async/call_signal.ts";

interface Beginning {
  begin(): Promise<void>;
  close(): void;
}

/** A connection once it can be used; closed if that fails or `signal` aborts first. */
export async function begun<C extends Beginning>(connection: C, signal: CallSignal): Promise<C> {
  const onAbort = (): void => connection.close();
  signal.addEventListener("abort", onAbort);
  try {
    if (signal.aborted) throw signal.reason;
    await connection.begin();
    return connection;
  } catch (error) {
    connection.close();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
