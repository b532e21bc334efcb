/** Deno's node:net is the same contract as Node's. */
export { listen } from "../node/listen.ts";
