/** A server of MySQL that is not what it says: it asks for files of ours, says nothing, or nothing that makes sense. */
import { afterAll, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { RuntimeClient } from "../../../../mod.ts";
import { ask, failure } from "../../../conformance/databases/ask.ts";

const text = (value: string) => new TextEncoder().encode(value);
const client = new RuntimeClient({
  address: "embedded:",
  engine: { egress: { allow: ["loopback"] }, retry: false },
});
const servers: Server[] = [];
afterAll(async () => {
  await client.close();
  for (const server of servers) server.close();
});

function packet(number: number, ...parts: readonly (Uint8Array | number)[]): Uint8Array {
  const body = parts.flatMap((part) => typeof part === "number" ? [part] : [...part]);
  return Uint8Array.of(body.length & 255, body.length >> 8, 0, number, ...body);
}

const OK = [0, 0, 0, 2, 0, 0, 0];
const GREETING = packet(
  0,
  ...[10, text("10.11.0-MariaDB\0"), 1, 0, 0, 0, text("12345678"), 0],
  // What it can do: protocol 4.1, secure passwords, files of the client.
  ...[0x8e, 0xa2, 45, 2, 0, 0x08, 0x00, 21, new Uint8Array(10), text("123456789012\0")],
  text("mysql_native_password\0"),
);

/** `answer` gets what the client says after it has logged in, from its command on. */
async function serve(
  answer: (socket: Socket, command: Uint8Array) => void,
  greeting: Uint8Array = GREETING,
): Promise<{ readonly url: string; readonly heard: Uint8Array[] }> {
  const heard: Uint8Array[] = [];
  const server = createServer((socket) => {
    let loggedIn = false;
    socket.on("error", () => {});
    socket.write(greeting);
    socket.on("data", (bytes: Uint8Array) => {
      heard.push(bytes);
      if (loggedIn) return answer(socket, bytes.subarray(4));
      loggedIn = true;
      socket.write(packet((bytes[3] ?? 0) + 1, ...OK));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `mysql://root@127.0.0.1:${port}/test`, heard };
}

const body = { statement: "select 1", result: "value" };

test("one that asks for a file of ours gets nothing of it", async () => {
  const secret = new URL(import.meta.url).pathname;
  let asked = 0;
  const { url, heard } = await serve((socket) => {
    // What comes after that is all that it gets.
    if (asked++ > 0) socket.destroy();
    else socket.write(packet(1, 0xfb, text(secret)));
  });
  const error = await failure(ask(client, url, body));
  expect(asked).toBeGreaterThan(0);
  expect(error.code).toMatch(/^(database|deadline)\./);
  const said = heard.map((bytes) => new TextDecoder().decode(bytes)).join("");
  expect(said).not.toContain("A server of MySQL that is not what it says");
});

test("one that says nothing is given up in time", async () => {
  const { url } = await serve(() => {}, new Uint8Array(0));
  const silent = await failure(ask(client, url, body, { timeoutMs: 300 }));
  expect([silent.code, silent.sent]).toEqual(["deadline.exceeded", "no"]);
  const later = await serve(() => {});
  const mute = await failure(ask(client, later.url, body, { timeoutMs: 300 }));
  expect([mute.code, mute.sent]).toEqual(["deadline.exceeded", "no"]);
});

test(
  "one that speaks another language, or breaks its own, is an error of the call alone",
  async () => {
    const greetings = [
      text("HTTP/1.1 400 Bad Request\r\n\r\n"),
      text("SSH-2.0-OpenSSH\r\n"),
      packet(0, 255, 0x69, 0x04, text("Host is not allowed")),
      packet(0, 9),
      packet(0, ...Array.from({ length: 60 }, (_, at) => (at * 37) % 256)),
      packet(0),
    ];
    for (const greeting of greetings) {
      const { url } = await serve(() => {}, greeting);
      const error = await failure(ask(client, url, body, { timeoutMs: 300 }));
      expect(error.code).toMatch(/^(database|deadline)\./);
    }
    let seed = 11;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const codes = await Promise.all(Array.from({ length: 60 }, async () => {
      const bytes = Array.from({ length: 1 + random(50) }, () => random(256));
      const { url } = await serve((socket) => socket.write(packet(1, ...bytes)));
      return await ask(client, url, body, { timeoutMs: 300 })
        .then(() => "none", (error: { readonly code: string }) => error.code);
    }));
    for (const code of codes) expect(code).toMatch(/^(none|database\.\w+|deadline\.\w+)$/);
  },
  60_000,
);
