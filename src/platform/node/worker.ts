/** The worker on Node, which serves nothing by itself. */
import type { HttpServer } from "../../core/serve/http_server.ts";
import { type WorkerEntry, workerEntry } from "../entry/process_entry.ts";
import { platform } from "./mod.ts";
import { serveHttp } from "./serve.ts";

const entry: WorkerEntry = workerEntry(platform);
export default entry;

/** Listens on `PORT` (8787) of `VASTAR_HOST` (127.0.0.1). */
export function serve(): Promise<HttpServer> {
  const host = platform.env("VASTAR_HOST") ?? "127.0.0.1";
  const port = Number(platform.env("PORT") ?? 8787);
  return serveHttp({ address: { kind: "tcp", host, port }, fetch: entry.fetch });
}
