/** Serves HTTP on Deno, where node:http works as on Node. */
export { serveHttp } from "../node/serve.ts";
