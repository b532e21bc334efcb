/** The same as caller_main.ts with the protocol of the existing daemon, for so many calls at a time. */
import process from "node:process";
import { parseAddress } from "../../src/transport/mod.ts";
import { baseRequest, WireClient } from "../../tests/unit/daemon/support/wire_client.ts";

const [text = "", url = "", tenantId = "", inFlight = ""] = process.argv.slice(2);
const address = parseAddress(text);
if (address.kind === "embedded" || address.kind === "nats") {
  throw new Error(`${text} is not the address of a daemon`);
}
const client = new WireClient(address);
let last = 0;

async function closed(): Promise<void> {
  for (;;) {
    client.bytes(baseRequest(++last, { url }, { tenantId }));
    await client.next("response");
  }
}

console.log("caller ready");
await Promise.all(Array.from({ length: Number(inFlight) }, closed));
