/** Makes calls that have to wait inside the engine while nothing else happens in the process. Prints each status. */
import process from "node:process";
import { RuntimeClient } from "../../../mod.ts";

const [, , url = ""] = process.argv;
const { host } = new URL(url);
const client = new RuntimeClient({
  address: "embedded:",
  egress: { allow: [host] },
  engine: { rateLimits: [{ calls: 2, perMs: 500 }] },
});
// The first call is answered, the second fails and is repeated: its second attempt waits for the limit.
for (const fault of ["none", "status=503 | none"]) {
  const headers = { "x-simulator-fault": fault, "x-simulator-key": crypto.randomUUID() };
  const { statusCode, attempts } = await client.executeHTTP({ url, headers });
  console.log(statusCode, attempts);
}
