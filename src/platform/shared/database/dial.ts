/** Sockets to databases: to the address that was checked, whatever the name resolves to by now. */
import type { Socket } from "node:net";
import type { CallSignal } from "../../../core/async/call_signal.ts";
import type { DatabaseTarget } from "../../../core/database/driver.ts";
import { bareHost, parseIp } from "../../../http/address.ts";
import { classifyFailure } from "../../../http/classify.ts";

export async function dialTcp(
  { url, pinned }: DatabaseTarget,
  usualPort: number,
  signal: CallSignal,
): Promise<Socket> {
  const { connect } = await import("node:net");
  signal.throwIfAborted();
  const host = pinned?.address ?? bareHost(url.hostname);
  const port = url.port === "" ? usualPort : Number(url.port);
  const socket = connect({ host, port });
  socket.setNoDelay(true);
  await untilReady(socket, "connect", url.host, signal);
  return socket;
}

/** TLS over a socket that is connected. The certificate is checked against the name in the URL, if it is checked. */
export async function secured(
  raw: Socket,
  { url, ca }: DatabaseTarget,
  verify: boolean,
  signal: CallSignal,
): Promise<Socket> {
  const tls = await import("node:tls");
  const name = bareHost(url.hostname);
  const socket = tls.connect({
    socket: raw,
    // An address is checked as an address, and sends no name.
    servername: parseIp(name) === undefined ? name : "",
    host: name,
    rejectUnauthorized: verify,
    ...(ca.length > 0 && { ca: [...tls.rootCertificates, ...ca] }),
  });
  await untilReady(socket, "secureConnect", url.host, signal);
  return socket;
}

function untilReady(
  socket: Socket,
  event: "connect" | "secureConnect",
  peer: string,
  signal: CallSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", fail);
      socket.off("close", onClose);
      // A late error of an abandoned socket must not end the process.
      socket.on("error", () => {});
    };
    const fail = (error: unknown): void => {
      settle();
      socket.destroy();
      reject(
        signal.aborted
          ? signal.reason
          : classifyFailure(error, { phase: "head", passedOn: false, peer, wrote: false }),
      );
    };
    const onAbort = (): void => fail(signal.reason);
    const onClose = (): void => fail(new Error("socket hang up"));
    signal.addEventListener("abort", onAbort);
    socket.on("error", fail);
    socket.on("close", onClose);
    socket.once(event, () => {
      settle();
      resolve();
    });
  });
}
