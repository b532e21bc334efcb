/** What the tools of `vastar mcp` may call: hidden where they may not, and refused by the engine whoever asks. */
import type { OperationDefinition } from "../../src/connector/definition/definition.ts";
import { choose, pattern } from "../../src/core/rules/choice.ts";
import type { TenantOptions } from "../../src/engine/tenancy/tenant_options.ts";
import { type CommandArgs, UsageError } from "../command.ts";

const READING = ["GET", "HEAD", "QUERY"];

export interface Rules {
  /** For the engine of this process. */
  readonly tenants: Readonly<Record<string, TenantOptions>>;
  readonly may: (connectorId: string, operation: OperationDefinition) => boolean;
}

/** @throws UsageError where another process holds the engine, which has rules of its own. */
export function readRules(args: CommandArgs): Rules {
  const only = args.list("only");
  const except = args.list("except");
  const readOnly = args.flag("read-only");
  const address = args.string("runtime") ?? "embedded:";
  if (only.length + except.length === 0 && !readOnly) return { tenants: {}, may: () => true };
  if (address !== "embedded:") {
    throw new UsageError(
      `--only, --except and --read-only are enforced by the engine, which is at ${address}: say it in the configuration ` +
        "of that runtime, under tenants.NAME.operations and tenants.NAME.methods, and give --tenant NAME.",
    );
  }
  const operations = {
    ...(only.length === 0 ? {} : { allow: only }),
    ...(except.length === 0 ? {} : { deny: except }),
  };
  const verdict = choose(operations, pattern);
  return {
    tenants: { default: { operations, ...(readOnly ? { methods: { allow: READING } } : {}) } },
    may: (connectorId, { id, method }) =>
      verdict(`${connectorId}.${id}`) === undefined && (!readOnly || READING.includes(method)),
  };
}
