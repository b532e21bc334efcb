/** The least that a gateway can do: Hono, and `fetch` with the body as it came. */
import process from "node:process";
import { Hono } from "hono";

const [upstream = ""] = process.argv.slice(2);
const app: Hono = new Hono();

app.post("/v1/chat/completions", async ({ req }) =>
  await fetch(`${upstream}/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: req.header("authorization") ?? "",
    },
    body: await req.arrayBuffer(),
  }));

const server: Bun.Server<undefined> = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  fetch: app.fetch,
});
console.log(`hono ready on ${server.port}`);
