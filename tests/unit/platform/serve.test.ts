import { createConnection } from "node:net";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "bun:test";
import type { HttpServer, ServeHttp } from "../../../src/core/serve/http_server.ts";
import { serveHttp as serveNode } from "../../../src/platform/node/serve.ts";
import { serveHttp } from "../../../src/platform/serve.ts";

const LOCAL = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
const encoder = new TextEncoder();

// node:http is served on every runtime; on Bun its own server is tested besides.
const implementations: [string, ServeHttp][] = [["this runtime's own", serveHttp], [
  "node:http",
  serveNode,
]];

/** Pieces made one a pull; `made` counts them, `cancelled` resolves when the reader leaves. */
function pieces(limit: number, failAt = Infinity) {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const state = { made: 0, cancelled: promise };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((next) => setTimeout(next, 2));
      if (state.made === failAt) return controller.error(new Error("upstream broke"));
      if (state.made === limit) return controller.close();
      controller.enqueue(encoder.encode(`piece ${state.made++}\n`));
    },
    cancel: resolve,
  }, { highWaterMark: 0 });
  return { state, body };
}

for (const [name, serve] of implementations) {
  describe(`serveHttp on ${name}`, () => {
    const open: HttpServer[] = [];
    afterEach(async () => {
      await Promise.all(open.splice(0).map((server) => server.stop(0)));
    });
    const start = async (...args: Parameters<ServeHttp>) => {
      const server = await serve(...args);
      open.push(server);
      return server;
    };

    test("passes method, URL, headers and body on and answers with status, headers and body", async () => {
      const server = await start({
        address: LOCAL,
        fetch: async (request) => {
          const headers = new Headers({ "x-seen": request.headers.get("x-sent") ?? "" });
          headers.append("set-cookie", "a=1");
          headers.append("set-cookie", "b=2");
          const url = new URL(request.url);
          const text = `${request.method} ${url.pathname}${url.search} ${await request.text()}`;
          return new Response(text, { status: 201, headers });
        },
      });
      const response = await fetch(`${server.url}/a/b?c=d`, {
        method: "POST",
        body: "hello",
        headers: { "x-sent": "yes" },
      });
      expect(response.status).toBe(201);
      expect(await response.text()).toBe("POST /a/b?c=d hello");
      expect(response.headers.get("x-seen")).toBe("yes");
      expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    });

    test("the host is the Host header's, whatever the target looks like", async () => {
      const seen: string[] = [];
      const failures: unknown[] = [];
      const server = await start({
        address: LOCAL,
        fetch: ({ url }) => (seen.push(url), new Response("ok")),
        onError: (error) => failures.push(error),
      });
      const { port } = server.address as { port: number };
      const status = (head: string) =>
        new Promise<string>((resolve) => {
          const socket = createConnection(port, "127.0.0.1", () => socket.write(`${head}\r\n\r\n`));
          socket.once("data", (bytes) => {
            resolve(bytes.toString().split(" ")[1] ?? "");
            socket.destroy();
          });
        });
      for (const target of ["//localhost/a", "http://localhost/a", "/a"]) {
        expect(await status(`GET ${target} HTTP/1.1\r\nHost: evil.example`)).toBe("200");
        expect(new URL(seen.at(-1) ?? "").hostname).toBe("evil.example");
      }
      expect(await status("GET /b HTTP/1.0\r\nX: 1")).toBe("200");
      expect(new URL(seen.at(-1) ?? "").href).toBe("http://localhost/b");
      for (const host of ["a b", "x@localhost", "a/b"]) {
        const answered = await status(`GET /c HTTP/1.1\r\nHost: ${host}`);
        expect([host, answered]).toEqual([host, "400"]);
      }
      expect(failures).toEqual([]);
      expect(seen.some((url) => url.endsWith("/c"))).toBe(false);
    });

    test("methods that fetch does not know are refused without being reported", async () => {
      const failures: unknown[] = [];
      const server = await start({
        address: LOCAL,
        fetch: () => new Response(null, { status: 405 }),
        onError: (error) => failures.push(error),
      });
      const status = await new Promise<number | undefined>((resolve, reject) => {
        httpRequest(
          server.url,
          { method: "TRACE" },
          (answer) => resolve(answer.resume().statusCode),
        )
          .on("error", reject).end();
      });
      expect(status).toBe(405);
      expect(failures).toEqual([]);
    });

    test("sends each piece as it is made", async () => {
      const release = Promise.withResolvers<void>();
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (sent === 1) await release.promise;
          if (sent === 2) return controller.close();
          controller.enqueue(encoder.encode(`piece ${sent++}`));
        },
      }, { highWaterMark: 0 });
      const server = await start({ address: LOCAL, fetch: () => new Response(body) });
      const reader = (await fetch(server.url)).body!.getReader();
      // The second piece cannot exist yet, so the first was not waited for.
      expect(new TextDecoder().decode((await reader.read()).value)).toBe("piece 0");
      release.resolve();
      expect(new TextDecoder().decode((await reader.read()).value)).toBe("piece 1");
      expect((await reader.read()).done).toBe(true);
    });

    test("a client that leaves cancels the stream and aborts the request's signal", async () => {
      const { state, body } = pieces(Infinity);
      const aborted = Promise.withResolvers<void>();
      const server = await start({
        address: LOCAL,
        fetch: (request) => {
          request.signal.addEventListener("abort", () => aborted.resolve());
          return new Response(body);
        },
      });
      const leave = new AbortController();
      const response = await fetch(server.url, { signal: leave.signal });
      await response.body!.getReader().read();
      leave.abort();
      await state.cancelled;
      await aborted.promise;
      const made = state.made;
      await new Promise((resolve) => setTimeout(resolve, 40));
      // At most the piece that was under way.
      expect(state.made).toBeLessThanOrEqual(made + 1);
    });

    test("a reader that stalls stops the making of pieces", async () => {
      const { state } = pieces(0);
      const big = new Uint8Array(64 * 1024);
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          state.made++;
          controller.enqueue(big);
        },
      }, { highWaterMark: 0 });
      const server = await start({ address: LOCAL, fetch: () => new Response(body) });
      const port = server.address.kind === "tcp" ? server.address.port : 0;
      const socket = createConnection(port, "127.0.0.1");
      socket.pause();
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
      let before = -1;
      for (let round = 0; round < 200 && (state.made === 0 || state.made !== before); round++) {
        before = state.made;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      // What fits the kernel's buffers of both sides and the server's own: some megabytes, not an endless stream.
      expect(state.made).toBe(before);
      expect(state.made).toBeLessThan(1000);
      socket.destroy();
    });

    test("a stream that fails breaks the connection and is reported", async () => {
      const { body } = pieces(10, 3);
      const errors: unknown[] = [];
      const server = await start({
        address: LOCAL,
        fetch: () => new Response(body),
        onError: (error) => errors.push(error),
      });
      const outcome = await fetch(server.url).then((response) => response.text()).catch(() =>
        "broken"
      );
      expect(outcome).toBe("broken");
      expect(String(errors[0])).toContain("upstream broke");
    });

    test("a handler that throws gives an empty 500 and is reported", async () => {
      const errors: unknown[] = [];
      const server = await start({
        address: LOCAL,
        fetch: () => Promise.reject(new Error("secret detail")),
        onError: (error) => errors.push(error),
      });
      const response = await fetch(server.url);
      expect(response.status).toBe(500);
      expect(await response.text()).toBe("");
      expect(String(errors[0])).toContain("secret detail");
    });

    test("a taken port is named in the error", async () => {
      const server = await start({ address: LOCAL, fetch: () => new Response() });
      const failure = await serve({ address: server.address, fetch: () => new Response() }).catch((
        e: unknown,
      ) => e);
      expect(failure).toMatchObject({ code: "listen.in_use" });
      const port = server.address.kind === "tcp" ? server.address.port : 0;
      expect(String(failure)).toContain(String(port));
    });

    test("stop waits for an open response, then refuses connections", async () => {
      const { body } = pieces(20);
      const server = await start({ address: LOCAL, fetch: () => new Response(body) });
      const response = await fetch(server.url);
      const [text] = await Promise.all([response.text(), server.stop(5_000)]);
      expect(text).toContain("piece 19");
      expect(await fetch(server.url).catch(() => "refused")).toBe("refused");
    });

    test("stop cuts what is open when its time is over", async () => {
      const { state, body } = pieces(Infinity);
      const server = await start({ address: LOCAL, fetch: () => new Response(body) });
      const response = await fetch(server.url);
      const reader = response.body!.getReader();
      await reader.read();
      await server.stop(20);
      await state.cancelled;
      const drain = async () => {
        while (!(await reader.read()).done);
      };
      await drain().catch(() => "broken");
    });

    test("serves on a Unix socket that only its owner can use, and removes it", async () => {
      const folder = await mkdtemp(join(tmpdir(), "serve-"));
      const path = join(folder, "http.sock");
      const server = await start({
        address: { kind: "unix", path },
        fetch: () => new Response("over unix"),
      });
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const text = await new Promise<string>((resolve, reject) => {
        httpRequest(
          { socketPath: path, path: "/", headers: { connection: "close" } },
          (message) => {
            let got = "";
            message.setEncoding("utf8").on("data", (chunk: string) => got += chunk).on(
              "end",
              () => resolve(got),
            );
          },
        ).on("error", reject).end();
      });
      expect(text).toBe("over unix");
      await server.stop(100);
      expect(await stat(path).catch(() => "gone")).toBe("gone");
      await rm(folder, { recursive: true });
    });
  });
}
