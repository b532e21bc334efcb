/** PostgreSQL over a network: the socket to the address that was checked, TLS over it, and messages that end a statement. */
import type { Socket } from "node:net";
import type { CallSignal } from "../../../../core/async/call_signal.ts";
import type { DatabaseTarget } from "../../../../core/database/driver.ts";
import { ConnectorError, ErrorClass } from "../../../../core/errors.ts";
import { classifyFailure } from "../../../../http/classify.ts";
import { dialTcp, secured } from "../dial.ts";
import { sslMode } from "../ssl_mode.ts";
import type { Backend } from "./package.ts";
import type { PostgresTransport } from "./open.ts";

const TLS_REQUEST = Uint8Array.of(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f);
const AGREED = 0x53;

export async function dialPostgres(
  target: DatabaseTarget,
  signal: CallSignal,
): Promise<PostgresTransport> {
  return {
    socket: await connect(target, signal),
    stop: async (backend) => await sendStop(target, backend),
  };
}

async function connect(target: DatabaseTarget, signal: CallSignal): Promise<Socket> {
  const verify = sslMode(target.url, target.pinned);
  const socket = await dialTcp(target, 5432, signal);
  if (verify === undefined) return socket;
  try {
    socket.write(TLS_REQUEST);
    if (await firstByte(socket) !== AGREED) throw noTls(target.url.hostname);
    return await secured(socket, target, verify, signal);
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw signal.reason;
    throw classifyFailure(error, {
      phase: "head",
      passedOn: false,
      peer: target.url.host,
      wrote: false,
    });
  }
}

function firstByte(socket: Socket): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.off("data", onData);
      socket.off("error", onError);
      socket.off("close", onClose);
    };
    const onData = (bytes: Uint8Array): void => {
      settle();
      // What follows belongs to TLS, and to nobody who reads before it.
      socket.pause();
      // A server says one byte; more could only come from someone in between, before there is TLS.
      resolve(bytes.length === 1 ? bytes[0] : undefined);
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    const onClose = (): void => onError(new Error("socket hang up"));
    socket.on("data", onData);
    socket.on("error", onError);
    socket.on("close", onClose);
  });
}

/** The server ends what the process runs; it answers by closing the connection. */
async function sendStop(target: DatabaseTarget, { pid, secret }: Backend): Promise<void> {
  const message = new Uint8Array(16);
  const view = new DataView(message.buffer);
  view.setInt32(0, 16);
  view.setInt32(4, 80_877_102);
  view.setInt32(8, pid | 0);
  view.setInt32(12, secret | 0);
  const socket = await connect(target, AbortSignal.timeout(STOP_MS));
  await new Promise<void>((resolve) => {
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.resume();
    socket.end(message);
  });
}

const STOP_MS = 5_000;

function noTls(host: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "tls.failed",
    message:
      `${host} does not offer TLS: set it up there, or add ?sslmode=disable to the URL where ` +
      "nobody else can listen",
    origin: "upstream",
  });
}
