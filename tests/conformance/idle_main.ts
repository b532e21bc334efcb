/** `idle_main.ts ADDRESS URL`: makes a call and ends without closing its client. */
import process from "node:process";
import { RuntimeClient } from "../../mod.ts";

const [address = "", url = ""] = process.argv.slice(2);
const client = new RuntimeClient({ address });
console.log((await client.executeHTTP({ url })).statusCode);
