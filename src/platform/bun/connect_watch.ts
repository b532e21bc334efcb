/**
 * A connect timeout for a fetch that does not say when it is connected. Half-way through, if nothing has come back and the
 * peer has not been heard of lately, a bare connection is tried beside it: when that cannot be made either, the fetch is
 * taken to be stuck connecting. So a slow answer costs one extra connection at most, a fast one nothing.
 */
import { deferred } from "../../core/deferred.ts";
import type { UpstreamRequest } from "../../core/platform.ts";
import { bareHost } from "../../http/address.ts";
import { connectTimeout, portOf } from "../shared/target.ts";

/** A peer that answered this recently is taken to accept connections. */
const FRESH_MS = 30_000;
const MAX_PEERS = 1_000;

type Fetch = (target: string, init: BunFetchRequestInit) => Promise<Response>;

export function watchConnect(fetch: Fetch): (
  request: UpstreamRequest,
  target: string,
  init: BunFetchRequestInit,
) => Promise<Response> {
  const heard = new Map<string, number>();

  return (request, target, init) => {
    const host = request.pinned?.address ?? request.url.host;
    const last = heard.get(host);
    if (last !== undefined && performance.now() - last < FRESH_MS) return fetch(target, init);
    return watched(request, () => fetch(target, init)).then((response) => {
      if (heard.size >= MAX_PEERS) heard.clear();
      heard.set(host, performance.now());
      return response;
    });
  };
}

function watched(request: UpstreamRequest, send: () => Promise<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const half = request.connectTimeoutMs / 2;
    const timer = setTimeout(() => {
      void reachable(request, half).then((ok) => ok || reject(connectTimeout(request)));
    }, half);
    timer.unref();
    send().then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** True when a connection is accepted, or refused at once: then the fetch will be told the same. */
async function reachable(request: UpstreamRequest, ms: number): Promise<boolean> {
  const { url, pinned } = request;
  const hostname = pinned?.address ?? bareHost(url.hostname);
  const port = portOf(url);
  const late = deferred<false>();
  const timer = setTimeout(() => late.resolve(false), ms);
  const socket = Bun.connect({ hostname, port, socket: { data() {} } });
  const connected = socket.then((open) => {
    open.terminate();
    return true as const;
  }, () => true as const);
  try {
    return await Promise.race([connected, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
