/** The pool that a runtime joins: flags, environment and file. */
import { hostname } from "node:os";
import type { RuntimeConfig } from "../../src/config/mod.ts";
import { invalidRequest } from "../../src/core/errors.ts";
import { MIN_TOKEN_LENGTH } from "../../src/config/token.ts";
import { formatNatsAddress, type NatsAddress } from "../../src/core/pool/nats_address.ts";
import type { JoinOptions } from "../../src/daemon/options.ts";
import { formatPlacement, parsePlacement } from "../../src/nats/placement.ts";
import { parseAddress } from "../../src/transport/address.ts";
import type { CommandArgs, CommandIo } from "../command.ts";

/** @throws ConnectorError `address.invalid`, `pool.placement`. */
export function joinOptions(
  args: CommandArgs,
  config: RuntimeConfig["join"],
  io: CommandIo,
): JoinOptions | undefined {
  const given = args.string("join");
  const address = given ?? config?.address;
  const only = args.has("only") ? args.list("only") : config?.only ?? [];
  if (address === undefined) {
    if (only.length === 0) return undefined;
    throw invalidRequest("pool.placement", "--only says what a member takes: add --join nats://…");
  }
  const read = poolAddress(address);
  if (
    given !== undefined && given !== io.env("VASTAR_JOIN") &&
    joinSecrets({ address: read }).length > 0
  ) {
    throw invalidRequest(
      "address.invalid",
      `--join ${
        formatNatsAddress(read)
      } is given with a secret, which everyone on the machine can read there: ` +
        "set VASTAR_JOIN, or join.address in the configuration",
    );
  }
  return {
    address: read,
    only: parsePlacement(only),
    name: config?.name ?? hostname(),
    secret: secretOf(io.env("VASTAR_JOIN_SECRET") || config?.secret),
  };
}

function secretOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length >= MIN_TOKEN_LENGTH) return text;
  throw invalidRequest(
    "config.invalid",
    `The secret of the pool (join.secret, VASTAR_JOIN_SECRET) is too short; use at least ${MIN_TOKEN_LENGTH} characters`,
  );
}

/** @throws ConnectorError `address.invalid`. */
export function poolAddress(text: string): NatsAddress {
  const address = parseAddress(text);
  if (address.kind === "nats") return address;
  throw invalidRequest(
    "address.invalid",
    `Bad address of a pool ${JSON.stringify(text)}: write nats://host:4222/pool`,
  );
}

/** For the file, in which other settings with commas are lists. */
export const WHOLE_ADDRESS: { (text: string): unknown; readonly whole: true } = Object.assign(
  (text: string): unknown => poolAddress(text),
  { whole: true as const },
);

export function joinSecrets(
  join: Pick<JoinOptions, "address" | "secret"> | undefined,
): readonly string[] {
  const { password, token } = join?.address ?? {};
  return [password, token, join?.secret].filter((one) =>
    one !== undefined && one !== ""
  ) as string[];
}

export function isJoin(value: unknown): value is JoinOptions {
  return typeof value === "object" && value !== null && "address" in value;
}

/** For people: without credentials. */
export function shownJoin({ address, only, name }: JoinOptions): Readonly<Record<string, unknown>> {
  return { address: formatNatsAddress(address), only: only && formatPlacement(only), name };
}
