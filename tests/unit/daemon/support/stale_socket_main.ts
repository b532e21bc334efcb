/** Listens on a socket until it is killed, which leaves the file behind. */
import { createServer } from "node:net";
import process from "node:process";

createServer().listen(process.argv[2], () => console.log("up"));
