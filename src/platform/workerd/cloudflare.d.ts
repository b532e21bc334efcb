/** What we use of it: https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/ */
declare module "cloudflare:sockets" {
  export interface Socket {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
    readonly opened: Promise<unknown>;
    close(): Promise<void>;
  }

  export function connect(address: { hostname: string; port: number }): Socket;
}
