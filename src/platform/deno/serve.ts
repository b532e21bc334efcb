/** HTTP serving on Deno: node:http there is the same contract as on Node. */
export { serveHttp } from "../node/serve.ts";
