/** Runtime addresses: which runtime executes a client's calls. */
import { invalidRequest } from "../core/errors.ts";
import { formatNatsAddress, type NatsAddress } from "../core/pool/nats_address.ts";
import { formatSocketAddress, type SocketAddress } from "../core/platform.ts";
import { parseNatsAddress } from "./nats_address.ts";

/** Where a runtime is: in this process, behind a socket, or any member of a pool. */
export type RuntimeAddress = { readonly kind: "embedded" } | SocketAddress | NatsAddress;

const SOCKETS = "unix:/path/to.sock or tcp://host:port";
const FORMS = "embedded:, unix:/path/to.sock, tcp://host:port or nats://host:port/pool";
/** Bytes of `sun_path` on macOS without the final NUL; Linux allows four more, but an address should work on both. */
const MAX_UNIX_PATH_BYTES = 103;

/**
 * Reads `embedded:`, `unix:/path` (also `unix:///path`), `tcp://host:port` (IPv6 in brackets) or `nats://host:port/pool`.
 * Anything else throws an InvalidRequest `address.invalid` that says what was found and what would be right; with
 * `socketsOnly`, nothing but sockets is suggested.
 */
export function parseAddress(text: string, socketsOnly = false): RuntimeAddress {
  if (text === "embedded:" || text === "embedded") return { kind: "embedded" };
  if (text.startsWith("unix:")) return { kind: "unix", path: unixPath(text) };
  if (text.startsWith("tcp:")) return tcp(text);
  if (/^(nats|tls):/.test(text)) return parseNatsAddress(text);
  if (text.startsWith("embedded:")) {
    throw invalid(text, "embedded: takes nothing after the colon");
  }
  if (text.startsWith("/") || text.endsWith(".sock")) throw invalid(text, `write unix:${text}`);
  if (/^[^/:\s]+:\d+$/.test(text)) throw invalid(text, `write tcp://${text}`);
  throw invalid(text, `write ${socketsOnly ? SOCKETS : FORMS}`);
}

/** The text that {@link parseAddress} reads back into the same address, but for credentials. */
export function formatAddress(address: RuntimeAddress): string {
  if (address.kind === "embedded") return "embedded:";
  return address.kind === "nats" ? formatNatsAddress(address) : formatSocketAddress(address);
}

function unixPath(text: string): string {
  let path = text.slice("unix:".length);
  if (path.startsWith("//")) {
    path = path.slice(2);
    // unix://tmp/x.sock would silently drop a directory if read as /tmp/x.sock.
    if (!path.startsWith("/")) {
      throw invalid(text, `write unix:/${path}, or unix:///${path}`);
    }
  }
  if (path === "") {
    throw invalid(text, "add the path of the socket, for example unix:/tmp/vastar.sock");
  }
  if (path.includes("\0")) {
    throw invalid(text.replaceAll("\0", "\\0"), "remove the NUL from the path");
  }
  const bytes = new TextEncoder().encode(path).length;
  if (bytes > MAX_UNIX_PATH_BYTES) {
    throw invalid(
      text,
      `shorten the path: it has ${bytes} bytes, a socket path may have ${MAX_UNIX_PATH_BYTES}`,
    );
  }
  return path;
}

function tcp(text: string): SocketAddress {
  const match = /^tcp:\/\/(\[[0-9a-fA-F:.%]+\]|[^\s/?#@:[\]]+)(?::(\d+))?\/?$/.exec(text);
  const host = match?.[1];
  if (host === undefined) {
    throw invalid(text, "write tcp://host:port, for example tcp://127.0.0.1:5000");
  }
  if (match?.[2] === undefined) throw invalid(text, `add the port, for example tcp://${host}:5000`);
  const port = Number(match[2]);
  if (port < 1 || port > 65_535) {
    throw invalid(text, `the port is ${match[2]}, it must be from 1 to 65535`);
  }
  return { kind: "tcp", host: host.startsWith("[") ? host.slice(1, -1) : host, port };
}

function invalid(found: string, right: string): Error {
  return invalidRequest(
    "address.invalid",
    `Bad runtime address ${JSON.stringify(found)}: ${right}`,
  );
}
