/** The work behind `vastar mcp`, loaded only when it runs. Connectors are loaded when a tool needs them. */
import { resolve } from "node:path";
import process from "node:process";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { deferred } from "../../src/core/deferred.ts";
import type { McpMode } from "../../src/mcp/mod.ts";
import { createMcpServers } from "../../src/mcp/server.ts";
import type { CommandArgs, CommandIo, ExitCode } from "../command.ts";
import { BUNDLED } from "../find_connectors.ts";
import { mcpSource } from "./source.ts";
import { readRules } from "./rules.ts";

export async function runMcp(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const rules = readRules(args);
  const given = args.string("connectors");
  const source = await mcpSource({
    folder: given === undefined ? BUNDLED : resolve(io.cwd, given),
    only: args.list("connector"),
    address: args.string("runtime") ?? "embedded:",
    allow: args.list("allow"),
    baseUrls: args.list("base-url"),
    simulator: args.flag("simulator"),
    tenants: rules.tenants,
    env: (name) => io.env(name),
    notice: (text) => io.stderr(`${text}\n`),
  });
  const servers = createMcpServers(source, {
    mode: args.string("mode") as McpMode | undefined,
    maxAnswerChars: args.number("max-answer"),
  });
  if (process.stdin.isTTY) {
    io.stderr(
      "vastar mcp is for programs: it reads messages of MCP, and docs/agents.md says which start it.\n",
    );
  }
  const ended = deferred<void>();
  // Before the first answer: a client may ask and leave at once.
  const off = (["SIGINT", "SIGTERM"] as const).map((name) => io.onSignal(name, ended.resolve));
  process.stdin.once("close", ended.resolve).once("end", ended.resolve);
  const handle = serveStdio(
    () => servers.create({ tenantId: args.string("tenant"), may: rules.may }),
    { onerror: (error) => io.stderr(`${error.message}\n`) },
  );
  await ended.promise;
  for (const undo of off) undo();
  await handle.close();
  await source.close();
  return 0;
}
