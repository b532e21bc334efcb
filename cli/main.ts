#!/usr/bin/env bun
/** `vastar`. */
import process from "node:process";
import { drivers } from "../src/platform/shared/database/packages.ts";
import { packages } from "../src/platform/nats/packages.ts";
import { COMMANDS } from "./commands.ts";
import { processIo } from "./process_io.ts";
import { runCli } from "./run.ts";

// Named here, they become parts of an executable.
packages.transport = () => import("@nats-io/transport-node");
packages.jetstream = () => import("@nats-io/jetstream");
packages.kv = () => import("@nats-io/kv");
drivers.postgres = () => import("postgres");
drivers.ioredis = () => import("ioredis");
drivers.mysql = () => import("mysql2");

process.exit(await runCli(COMMANDS, process.argv.slice(2), processIo()));
