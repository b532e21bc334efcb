import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ByteSocket, SocketAddress } from "../../../src/core/platform.ts";
import { ConnectorError } from "../../../src/core/errors.ts";
import { type Accept, formatAddress } from "../../../src/daemon/listen/listener.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { listeners } from "./support/listeners.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vl-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Sends back whatever comes. */
const echo: Accept = (socket) => ({
  data: (bytes) => void socket.write(bytes.slice()),
  drain() {},
  close() {},
});

function dial(address: SocketAddress): Socket {
  return address.kind === "unix"
    ? connect(address.path)
    : connect(address.port, address.host.replace("0.0.0.0", "127.0.0.1"));
}

async function roundTrip(address: SocketAddress, text: string): Promise<string> {
  const socket = dial(address);
  socket.write(text);
  let got = "";
  for await (const chunk of socket) {
    got += String(chunk);
    if (got.length >= text.length) break;
  }
  socket.destroy();
  return got;
}

/** What Linux has a timer running for on the accepted end of a connection: `02` is keep-alive. */
function timerOf(server: number, client: number): string | undefined {
  const hex = (port: number) => `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8").split("\n").map((line) => line.trim().split(/\s+/))
    .find((fields) => fields[1]?.endsWith(hex(server)) && fields[2]?.endsWith(hex(client)))?.[5]
    ?.slice(0, 2);
}

async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error("expected a failure");
}

for (const [name, listen] of await listeners()) {
  describe(`listening with ${name}`, () => {
    let serial = 0;
    const path = () => join(folder, `${name.replace(/\W/g, "")}${++serial}.sock`);

    test("serves a Unix socket and removes it when closed", async () => {
      const address = { kind: "unix", path: path() } as const;
      const listener = await listen(address, echo);
      expect(await roundTrip(address, "hello")).toBe("hello");
      await listener.close();
      await listener.close();
      expect(existsSync(address.path)).toBe(false);
      expect(readdirSync(folder)).toEqual([]);
    });

    test("serves TCP and says which port it took", async () => {
      const listener = await listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, echo);
      expect(formatAddress(listener.address)).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
      expect(await roundTrip(listener.address, "hello")).toBe("hello");
      const again = await failure(listen(listener.address, echo));
      expect(again.code).toBe("listen.in_use");
      await listener.close();
      expect((await failure(roundTrip(listener.address, "x").catch(wrap))).code).toBe(
        "ECONNREFUSED",
      );
    });

    // Deno's node:net takes the option and does nothing; its daemon has a listener of its own.
    const silent = process.platform !== "linux"
      ? "only Linux shows whether it does"
      : name === "node:net" && "Deno" in globalThis
      ? "Deno's node:net takes the option and does nothing"
      : undefined;
    test.skipIf(silent !== undefined)(
      titled("asks after TCP clients that say nothing, so that dead ones do not stay", silent),
      async () => {
        const listener = await listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, echo);
        const { port } = listener.address as { port: number };
        const client = connect(port, "127.0.0.1");
        await new Promise((resolve) => client.once("connect", resolve));
        await until(() => timerOf(port, client.localPort!) === "02");
        client.destroy();
        await listener.close();
      },
    );

    test("the socket file is 0600 whatever the umask", async () => {
      for (const mask of [0, 0o22, 0o77]) {
        const before = process.umask(mask);
        const address = { kind: "unix", path: path() } as const;
        const listener = await listen(address, echo).finally(() => process.umask(before));
        expect(lstatSync(address.path).mode & 0o777).toBe(0o600);
        await listener.close();
      }
    });

    test("takes over a stale socket", async () => {
      const address = { kind: "unix", path: path() } as const;
      await leaveStaleSocket(address.path);
      expect(lstatSync(address.path).isSocket()).toBe(true);
      const listener = await listen(address, echo);
      expect(await roundTrip(address, "alive")).toBe("alive");
      await listener.close();
    });

    test("leaves a live socket alone", async () => {
      const address = { kind: "unix", path: path() } as const;
      const first = await listen(address, echo);
      const error = await failure(listen(address, echo));
      expect(error.code).toBe("listen.in_use");
      expect(error.message).toContain(address.path);
      expect(await roundTrip(address, "still here")).toBe("still here");
      await first.close();
    });

    test("refuses a symbolic link, also a dangling one, and does not follow it", async () => {
      const target = join(folder, "target");
      for (const exists of [false, true]) {
        if (exists) writeFileSync(target, "precious");
        const link = path();
        symlinkSync(target, link);
        expect((await failure(listen({ kind: "unix", path: link }, echo))).code).toBe(
          "listen.symlink",
        );
        expect(lstatSync(link).isSymbolicLink()).toBe(true);
        rmSync(link);
      }
      expect(readFileSync(target, "utf8")).toBe("precious");
      rmSync(target);
    });

    test("refuses a regular file and a folder and leaves them as they are", async () => {
      const file = path();
      writeFileSync(file, "precious");
      expect((await failure(listen({ kind: "unix", path: file }, echo))).code).toBe(
        "listen.not_a_socket",
      );
      expect(readFileSync(file, "utf8")).toBe("precious");
      expect((await failure(listen({ kind: "unix", path: folder }, echo))).code).toBe(
        "listen.not_a_socket",
      );
      rmSync(file);
    });

    test("on close leaves a path alone that another process has taken over", async () => {
      const address = { kind: "unix", path: path() } as const;
      const first = await listen(address, echo);
      // What an impatient operator does: moves the file away and starts another one.
      renameSync(address.path, `${address.path}.old`);
      const second = await listen(address, echo);
      await first.close();
      expect(await roundTrip(address, "second")).toBe("second");
      await second.close();
      expect(existsSync(address.path)).toBe(false);
      rmSync(`${address.path}.old`, { force: true });
    });

    test("of many that start at once, one wins", async () => {
      const address = { kind: "unix", path: path() } as const;
      await leaveStaleSocket(address.path);
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => listen(address, echo)),
      );
      const winners = results.filter((result) => result.status === "fulfilled");
      expect(winners.length).toBe(1);
      expect(await roundTrip(address, "one")).toBe("one");
      await winners[0]?.value.close();
      expect(readdirSync(folder)).toEqual([]);
    });

    test("a lock left behind by a killed process is not obstacle", async () => {
      const address = { kind: "unix", path: path() } as const;
      writeFileSync(`${address.path}.lock`, "999999999\nnobody\n");
      await (await listen(address, echo)).close();
      // Its process id may belong to somebody else by now.
      writeFileSync(`${address.path}.lock`, `${process.pid}\nnobody\n`);
      const long = new Date(Date.now() - 60_000);
      utimesSync(`${address.path}.lock`, long, long);
      await (await listen(address, echo)).close();
      expect(readdirSync(folder)).toEqual([]);
    });

    test("says what is wrong with a path or a host", async () => {
      const missing = await failure(
        listen({ kind: "unix", path: join(folder, "no", "x.sock") }, echo),
      );
      expect(missing.code).toBe("listen.not_found");
      expect(missing.message).toContain("folder");
      const long = await failure(
        listen({ kind: "unix", path: join(folder, "x".repeat(120)) }, echo),
      );
      expect(long.code).toBe("listen.path_too_long");
      const foreign = await failure(
        listen({ kind: "tcp", host: "192.0.2.1", port: 0 }, echo),
      );
      expect(foreign.code).toMatch(/^listen\./);
      expect(readdirSync(folder)).toEqual([]);
    });

    const root = process.getuid?.() === 0 ? "root may write to every folder" : undefined;
    test.skipIf(root !== undefined)(
      titled("says that a folder is not writable", root),
      async () => {
        const locked = join(folder, "locked");
        mkdirSync(locked, { mode: 0o500 });
        const error = await failure(listen({ kind: "unix", path: join(locked, "x.sock") }, echo));
        expect(error.code).toBe("listen.denied");
      },
    );

    test("writes in parts: what was not taken is asked for by drain, in order", async () => {
      const total = 8 * 1024 * 1024;
      const bytes = new Uint8Array(total);
      for (let i = 0; i < total; i++) bytes[i] = i % 251;
      let partial = 0;
      const accept: Accept = (socket) => {
        let left: Uint8Array = bytes;
        const push = () => {
          const taken = socket.write(left);
          if (taken < left.length) partial++;
          left = left.subarray(taken);
        };
        return {
          data: push,
          drain: () => {
            if (left.length > 0) push();
          },
          close() {},
        };
      };
      const listener = await listen({ kind: "unix", path: path() }, accept);
      const socket = dial(listener.address);
      socket.write("go");
      let at = 0;
      let wrong = 0;
      for await (const chunk of socket) {
        for (const byte of chunk as Uint8Array) if (byte !== at++ % 251) wrong++;
        if (at >= total) break;
      }
      socket.destroy();
      expect([at, wrong]).toEqual([total, 0]);
      expect(partial).toBeGreaterThan(0);
      await listener.close();
    });

    test("pause holds the peer back, resume lets it go on", async () => {
      let received = 0;
      let server: ByteSocket | undefined;
      const listener = await listen({ kind: "unix", path: path() }, (socket) => {
        server = socket;
        socket.pause();
        return { data: (bytes) => void (received += bytes.length), drain() {}, close() {} };
      });
      const socket = dial(listener.address);
      await once(socket, "connect");
      const total = 4 * 1024 * 1024;
      const flushed = new Promise<void>((resolve) => {
        socket.write(new Uint8Array(total), () => resolve());
      });
      await until(() => socket.writableLength > 0 && server !== undefined);
      expect(received).toBeLessThan(total);
      server?.resume();
      await flushed;
      await until(() => received === total);
      socket.destroy();
      await listener.close();
    });

    test("close is reported once, whoever closes", async () => {
      let closes = 0;
      const opened: ByteSocket[] = [];
      const listener = await listen({ kind: "unix", path: path() }, (socket) => {
        opened.push(socket);
        return { data() {}, drain() {}, close: () => void closes++ };
      });
      const byPeer = dial(listener.address);
      await until(() => opened.length === 1);
      byPeer.destroy();
      await until(() => closes === 1);
      const byUs = dial(listener.address);
      await until(() => opened.length === 2);
      opened[1]?.destroy();
      opened[1]?.destroy();
      await once(byUs.resume(), "close");
      await until(() => closes === 2);
      const ended = dial(listener.address);
      await until(() => opened.length === 3);
      opened[2]?.write(new TextEncoder().encode("bye"));
      opened[2]?.end();
      let text = "";
      for await (const chunk of ended) text += String(chunk);
      expect(text).toBe("bye");
      await until(() => closes === 3);
      expect(opened[2]?.write(new Uint8Array(1))).toBe(0);
      await listener.close();
      expect(closes).toBe(3);
    });
  });
}

function wrap(error: unknown): never {
  const code = (error as { code?: string }).code ?? "none";
  throw new ConnectorError({ errorClass: 2, code, message: String(error) });
}

/** A socket file whose process was killed. */
async function leaveStaleSocket(path: string): Promise<void> {
  const main = join(import.meta.dirname, "support/stale_socket_main.ts");
  const own = runtime(OWN_RUNTIME);
  const child = spawn(own.path, own.script(main, path), { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function until(condition: () => boolean): Promise<void> {
  const limit = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
