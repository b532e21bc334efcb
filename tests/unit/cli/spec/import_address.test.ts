/** `vastar import openapi` of a document that a server has. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { folder, vastar } from "../support.ts";

const DOCUMENT = JSON.stringify({
  openapi: "3.1.0",
  info: { title: "Shop", version: "1.0.0" },
  servers: [{ url: "/v1" }],
  paths: {
    "/orders": {
      get: {
        operationId: "listOrders",
        responses: {
          200: {
            description: "ok",
            content: { "application/json": { schema: { type: "array" } } },
          },
        },
      },
    },
  },
});
const SECRET = "tok-4711";

let project: Awaited<ReturnType<typeof folder>>;
let server: Server;
let other: Server;
let origin: string;
const seen: string[] = [];

beforeAll(async () => {
  project = await folder();
  other = createServer((_request, response) => response.end(DOCUMENT));
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/openapi.json`;
  server = createServer(({ url = "" }, response) => {
    seen.push(url);
    const path = url.split("?")[0];
    if (path === "/openapi.json") response.end(DOCUMENT);
    else if (path === "/moved") response.writeHead(302, { location: "/openapi.json" }).end();
    else if (path === "/away") response.writeHead(302, { location: elsewhere }).end();
    else if (path === "/page") response.end("<!doctype html>\n<p>Log in: first</p>");
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  other.close();
  project.remove();
});

const imported = (...args: string[]) =>
  vastar(["import", "openapi", ...args, "--out", "out", "--force"], { cwd: project.path });

describe("a document at an address", () => {
  test("is fetched as it was asked for, and becomes a spec that does not name another host", async () => {
    const { code, stdout } = await imported(`${origin}/openapi.json?key=${SECRET}`);
    expect(code).toBe(0);
    expect(stdout).toContain("out/connector.yaml is written");
    expect(seen).toContain(`/openapi.json?key=${SECRET}`);
    const yaml = readFileSync(join(project.path, "out/connector.yaml"), "utf8");
    expect(yaml).toContain("listOrders");
    // Who publishes a document need not be who serves the API.
    expect(yaml).not.toContain("127.0.0.1");
    expect(yaml).not.toContain(SECRET);
  });

  test("is followed to where the server says that it is, but not to other private hosts", async () => {
    expect((await imported(`${origin}/moved`)).code).toBe(0);
    const away = await imported(`${origin}/away`);
    expect(away.code).toBe(1);
    expect(away.stderr).toContain(`${origin}/away cannot be read: the egress policy refuses`);
  });

  test("that is not there, or not a document, is named without what may be secret", async () => {
    const none = await imported(`${origin}/none?key=${SECRET}`);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain(`${origin}/none cannot be read: the server answered with 404`);
    const page = await imported(`${origin}/page?key=${SECRET}`);
    expect(page.code).toBe(1);
    expect(page.stderr).toContain(`${origin}/page: `);
    expect(none.stderr + page.stderr).not.toContain(SECRET);
  });

  test("has no folder that --refs could name", async () => {
    const { code, stderr } = await imported(`${origin}/openapi.json`, "--refs", ".");
    expect(code).toBe(1);
    expect(stderr).toContain("--refs is for documents in files");
    expect(existsSync(join(project.path, "openapi.json"))).toBe(false);
  });
});
