/** `application_main.ts ADDRESS WORK`, with the work as JSON. Prints `done` when all of it is. */
import process from "node:process";
import { RuntimeClient } from "../../../mod.ts";
import { application, type Work } from "./application.ts";
import { ENGINE } from "./scene.ts";

const [address = "", json = ""] = process.argv.slice(2);
const work = JSON.parse(json) as Work;
await using client = new RuntimeClient({ address, engine: ENGINE });
await application(client, work);
console.log("done");
