/** Addresses of runtimes and the transports that reach them. */
export { formatAddress, parseAddress, type RuntimeAddress } from "./address.ts";
export { findDaemon } from "./find_daemon.ts";
export { openTransport } from "./open.ts";
