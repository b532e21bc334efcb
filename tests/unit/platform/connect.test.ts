/** Peers that do not accept connections, and the socket contract of `dial`. Runs on the current runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platform } from "#platform";
import type { ByteSocket, SocketAddress } from "../../../src/core/platform.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { startUpstream, until } from "../../support/upstream.ts";
import { startDeaf } from "../../support/servers/deaf.ts";
import { callTo, failure } from "../engine/support.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "vastar-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function listen(where: string | number, onSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: false }, onSocket);
  await new Promise<void>((resolve) =>
    typeof where === "string"
      ? server.listen(where, resolve)
      : server.listen(where, "127.0.0.1", resolve)
  );
  return server;
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}

/** A dialled socket that keeps what happens to it. */
async function dialled(address: SocketAddress, timeoutMs = 2_000) {
  const seen = {
    bytes: [] as number[],
    received: 0,
    drains: 0,
    closes: 0,
    error: undefined as Error | undefined,
  };
  const socket: ByteSocket = await platform.dial(address, {
    data(bytes) {
      seen.received += bytes.byteLength;
      if (seen.bytes.length < 100) seen.bytes.push(...bytes.subarray(0, 100));
    },
    drain: () => void seen.drains++,
    close(error) {
      seen.closes++;
      seen.error = error;
    },
  }, { timeoutMs });
  return { socket, seen };
}

describe("a peer that accepts no connection", () => {
  test("is given up after the connect timeout, and nothing was sent", async () => {
    const deaf = await startDeaf();
    const engine = createEngine(
      { egress: { allow: ["127.0.0.1"] }, retry: false, breaker: false },
      { platform },
    );
    const policy = { connectTimeoutMs: 200 };
    const error = await failure(engine.call(callTo(`http://127.0.0.1:${deaf.port}/`, { policy })));
    expect(error).toMatchObject({
      code: "timeout.connect",
      errorClass: 1,
      sent: "no",
      origin: "upstream",
    });
    await engine.close();
    await deaf.close();
  });

  test("a slow answer is not a slow connection", async () => {
    const upstream = await startUpstream();
    const engine = createEngine(
      { egress: { allow: ["127.0.0.1"] }, retry: false, breaker: false },
      { platform },
    );
    const reply = await engine.call(
      callTo(`${upstream.url}/slow?ms=300`, { policy: { connectTimeoutMs: 100 } }),
    );
    expect(reply.status).toBe(200);
    await engine.close();
    await upstream.close();
  });

  test("dialling gives up too", async () => {
    const deaf = await startDeaf();
    const error = await failure(dialled({ kind: "tcp", host: "127.0.0.1", port: deaf.port }, 100));
    expect(error).toMatchObject({ code: "connect.timeout", errorClass: 1, sent: "no" });
    const controller = new AbortController();
    const cancelled = failure(
      platform.dial({ kind: "tcp", host: "127.0.0.1", port: deaf.port }, {
        data() {},
        drain() {},
        close() {},
      }, {
        timeoutMs: 5_000,
        signal: controller.signal,
      }),
    );
    controller.abort();
    expect((await cancelled).code).toBe("call.cancelled");
    await deaf.close();
  });
});

describe("dial", () => {
  test.each(["unix", "tcp"] as const)("%s: bytes both ways, end, one close", async (kind) => {
    const path = join(dir, "echo.sock");
    const server = await listen(kind === "unix" ? path : 0, (socket) => socket.pipe(socket));
    const address: SocketAddress = kind === "unix"
      ? { kind, path }
      : { kind, host: "127.0.0.1", port: portOf(server) };
    const { socket, seen } = await dialled(address);
    expect(socket.write(new Uint8Array([1, 2, 255]))).toBe(3);
    await until(() => seen.received === 3, "the echo");
    expect(seen.bytes).toEqual([1, 2, 255]);
    socket.end();
    await until(() => seen.closes > 0, "the close");
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.closes).toBe(1);
    server.close();
  });

  test.each(["unix", "tcp"] as const)(
    "%s: what does not fit is offered again after drain",
    async (kind) => {
      let got = 0;
      let sum = 0;
      let peer: Socket | undefined;
      const path = join(dir, "sink.sock");
      const server = await listen(kind === "unix" ? path : 0, (socket) => {
        peer = socket;
        socket.pause();
        socket.on("data", (bytes: Uint8Array) => {
          got += bytes.length;
          for (let i = 0; i < bytes.length; i += 4099) sum = (sum * 31 + (bytes[i] ?? 0)) | 0;
        });
        socket.on("error", () => {});
        // Listening to data starts it again.
        socket.pause();
      });
      const address: SocketAddress = kind === "unix"
        ? { kind, path }
        : { kind, host: "127.0.0.1", port: portOf(server) };
      const { socket, seen } = await dialled(address);
      const piece = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
      const total = 30_000_000;
      let offered = 0;
      let refused = 0;
      const pump = (): void => {
        while (offered < total) {
          const from = offered % piece.length;
          const rest = piece.subarray(from, Math.min(piece.length, from + total - offered));
          const taken = socket.write(rest);
          offered += taken;
          if (taken < rest.length) {
            refused++;
            return;
          }
        }
      };
      pump();
      expect(refused).toBe(1);
      expect(offered).toBeLessThan(20_000_000);
      await until(() => peer !== undefined, "the connection");
      peer?.resume();
      let drained = seen.drains;
      await until(
        () => {
          if (seen.drains > drained) {
            drained = seen.drains;
            pump();
          }
          return got === total;
        },
        "all bytes",
        10_000,
      );
      expect(got).toBe(total);
      socket.end();
      await until(() => seen.closes === 1, "the close");
      server.close();
    },
    15_000,
  );

  test("pause stops data, resume brings it", async () => {
    let peer: Socket | undefined;
    const server = await listen(0, (socket) => {
      peer = socket;
      socket.on("error", () => {});
    });
    const { socket, seen } = await dialled({
      kind: "tcp",
      host: "127.0.0.1",
      port: portOf(server),
    });
    await until(() => peer !== undefined, "the connection");
    socket.pause();
    for (let i = 0; i < 200; i++) peer?.write(new Uint8Array(65_536));
    await new Promise((resolve) => setTimeout(resolve, 100));
    // What was already read when it was paused may still come.
    const held = seen.received;
    expect(held).toBeLessThan(1_000_000);
    socket.resume();
    await until(() => seen.received === 200 * 65_536, "the rest");
    socket.destroy();
    await until(() => seen.closes === 1, "the close");
    server.close();
  });

  test("the other side closing, or breaking, is one close", async () => {
    for (const how of ["end", "destroy"] as const) {
      const server = await listen(0, (socket) => {
        socket.on("error", () => {});
        socket[how]();
      });
      const { seen, socket } = await dialled({
        kind: "tcp",
        host: "127.0.0.1",
        port: portOf(server),
      });
      await until(() => seen.closes > 0, "the close");
      expect(socket.write(new Uint8Array(3))).toBe(0);
      socket.end();
      socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(seen.closes).toBe(1);
      server.close();
    }
  });

  test("nobody there", async () => {
    const server = await listen(0, () => {});
    const port = portOf(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await failure(dialled({ kind: "tcp", host: "127.0.0.1", port }))).toMatchObject({
      code: "connect.refused",
      errorClass: 1,
      sent: "no",
    });
    const path = join(dir, "none.sock");
    const missing = await failure(dialled({ kind: "unix", path }));
    expect(missing).toMatchObject({ code: "connect.not_found", errorClass: 1, sent: "no" });
    expect(missing.message).toContain(`unix:${path}`);
    const file = join(dir, "plain-file");
    await writeFile(file, "x");
    expect(["connect.refused", "connect.not_found"]).toContain(
      (await failure(dialled({ kind: "unix", path: file }))).code,
    );
  });
});

test("the environment is readable", () => {
  expect(platform.env("PATH")).toBe(process.env["PATH"] ?? "");
  expect(platform.env("VASTAR_NO_SUCH_VARIABLE")).toBeUndefined();
});
