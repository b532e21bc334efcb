/** An API that allows a number of calls per second and refuses the rest with 429, with a token bucket. `/counts` reports what it saw. */
import process from "node:process";

const RATE = Number(process.argv[2]);
const BURST = RATE / 10;

let tokens = BURST;
let at = performance.now();
let refused = 0;
let served: Record<string, number> = {};

function take(): boolean {
  const now = performance.now();
  tokens = Math.min(BURST, tokens + (now - at) * RATE / 1_000);
  at = now;
  if (tokens < 1) return false;
  tokens--;
  return true;
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/free": () => new Response("ok"),
    "/call/:tenant": (request) => {
      const { tenant } = request.params;
      if (!take()) {
        refused++;
        return new Response("too many", { status: 429 });
      }
      served[tenant] = (served[tenant] ?? 0) + 1;
      return new Response("ok");
    },
    /** Also resets the counts. */
    "/counts": () => {
      const counts = { refused, served };
      refused = 0;
      served = {};
      return Response.json(counts);
    },
  },
});

console.log(`api ready on ${server.port}`);
