/** A program that calls an API through the daemon as fast as it can, until it is stopped. */
import process from "node:process";
import { RuntimeClient } from "../../src/client/mod.ts";

const [address = "", url = "", tenantId = "", inFlight = "", perSecond = ""] = process.argv.slice(
  2,
);
const client = await RuntimeClient.connect(address, { tenantId });

/** Refusals are the subject here; they are not waited out. */
const call = (): Promise<unknown> => client.executeHTTP({ url }).catch(() => {});

/** One after the other. */
async function closed(): Promise<void> {
  for (;;) await call();
}

/** A fixed number per second, whatever their outcome. */
async function open(rate: number): Promise<void> {
  const start = performance.now();
  for (let made = 0;;) {
    const due = (performance.now() - start) * rate / 1_000;
    for (; made < due; made++) void call();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

console.log("caller ready");
if (perSecond !== "") await open(Number(perSecond));
else await Promise.all(Array.from({ length: Number(inFlight) }, closed));
