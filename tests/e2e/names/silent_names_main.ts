/**
 * In a network of its own whose name server is here, and answers no name that ends in `.silent`: tenant A calls 100 of those,
 * and then tenant B others. Prints the statuses of B's calls.
 */
import { createSocket } from "node:dgram";
import process from "node:process";
import { RuntimeClient } from "../../../mod.ts";
import { startUpstream } from "../../support/upstream.ts";

const A_RECORD = Uint8Array.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1);
const server = createSocket("udp4", (question, { address, port }) => {
  let at = 12;
  let last = "";
  for (let length = question[at]!; length > 0; length = question[at]!) {
    last = question.toString("latin1", at + 1, at + 1 + length);
    at += 1 + length;
  }
  if (last === "silent") return;
  const asksForA = question.readUInt16BE(at + 1) === 1;
  const head = Uint8Array.of(0x81, 0x80, 0, 1, 0, asksForA ? 1 : 0, 0, 0, 0, 0);
  const parts = [question.subarray(0, 2), head, question.subarray(12, at + 5)];
  server.send(asksForA ? [...parts, A_RECORD] : parts, port, address);
});
await new Promise<void>((ready) => server.bind(53, "127.0.0.1", ready));

const upstream = await startUpstream();
const { port } = new URL(upstream.url);
const client = new RuntimeClient({ address: "embedded:", egress: { allow: ["*"] } });
const call = async (host: string, tenantId: string): Promise<number> => {
  const { statusCode } = await client.executeHTTP({ url: `http://${host}:${port}/json`, tenantId });
  return statusCode;
};
const statuses = [await call("first.known", "A")];
for (let i = 0; i < 100; i++) call(`n${i}.silent`, "A").catch(() => {});
for (const host of ["b.known", "c.known", "d.known"]) statuses.push(await call(host, "B"));
// Others of A's questions are still waiting, whatever time that took.
const { lookups } = (await client.figures())!.admission;
const result = JSON.stringify({ statuses, waiting: lookups.queued > 0 });
// Node would wait for the threads of its resolver.
process.stdout.write(`${result}\n`, () => process.kill(process.pid, "SIGKILL"));
