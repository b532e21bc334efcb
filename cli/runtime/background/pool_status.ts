/** `vastar status --pool`: who is in a pool, and how they are doing. */
import { systemClock } from "../../../src/core/clock.ts";
import { formatNatsAddress, type NatsAddress } from "../../../src/core/pool/nats_address.ts";
import { formatPlacement } from "../../../src/nats/placement.ts";
import type { MemberInfo } from "../../../src/nats/presence.ts";
import type { CommandArgs, CommandIo } from "../../command.ts";
import { poolAddress } from "../join.ts";
import { duration, table, type View } from "./status_view.ts";

const LIMIT_MS = 3_000;

/** The pool that is asked for: by `--pool`, or by the address. */
export function poolOf(args: CommandArgs, io: CommandIo): NatsAddress | undefined {
  const [given] = args.positionals;
  const named = [given, io.env("VASTAR_RUNTIME"), io.env("VASTAR_JOIN")].find(isPool);
  if (args.flag("pool")) return poolAddress(given ?? named ?? "");
  return isPool(given ?? io.env("VASTAR_RUNTIME")) ? poolAddress(named ?? "") : undefined;
}

/** Exit code 0 if a member takes calls, else 1. */
export async function viewPool(address: NatsAddress, args: CommandArgs): Promise<View> {
  const { askPool } = await import("../../../src/platform/nats/ask_pool.ts");
  const members = await askPool(address, {
    timeoutMs: LIMIT_MS,
  });
  const name = formatNatsAddress(address);
  return {
    shown: () =>
      args.flag("json")
        ? `${JSON.stringify({ address: name, members: members.map(figures) })}\n`
        : poolText(name, members, systemClock.now()),
    code: members.some(({ draining }) => !draining) ? 0 : 1,
  };
}

export function poolText(name: string, members: readonly MemberInfo[], now: number): string {
  const sum = (count: (one: MemberInfo) => number) =>
    members.reduce((total, one) => total + count(one), 0);
  const draining = members.filter((one) => one.draining).length;
  const head = members.length === 0
    ? `No member of ${name} answers: \`vastar runtime --join ${name}\` starts one.\n`
    : `${name} has ${members.length} member${members.length === 1 ? "" : "s"}${
      draining === 0 ? "" : `, ${draining} draining`
    }: ${sum(({ calls }) => calls)} calls active, ${sum(({ callsTotal }) => callsTotal)} so far, ` +
      `${sum(failed)} failed.\n`;
  return [
    head,
    ...table(
      ["MEMBER", "ID", "STATE", "FOR", "ACTIVE", "ROOM", "CALLS", "FAILED", "SESSIONS", "ONLY"],
      members.toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
        .map((one) => [
          one.name || "-",
          one.id.slice(0, 8),
          one.draining ? "draining" : "ready",
          duration(Math.max(0, now - one.startedAt)),
          String(one.calls),
          String(one.room),
          String(one.callsTotal),
          String(failed(one)),
          String(one.sessions),
          formatPlacement(one.only),
        ]),
      Infinity,
    ),
  ].join("");
}

/** Calls without an HTTP response. */
function failed({ callsByClass }: MemberInfo): number {
  return callsByClass.slice(1).reduce((total, count) => total + count, 0);
}

function figures(member: MemberInfo): Readonly<Record<string, unknown>> {
  return { ...member, failed: failed(member) };
}

function isPool(address: string | undefined): boolean {
  return address !== undefined && /^(nats|tls):/.test(address);
}
