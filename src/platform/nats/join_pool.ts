/** Makes a daemon a member of a pool, loaded when it joins one. */
import { systemClock } from "../../core/clock.ts";
import type { NatsAddress } from "../../core/pool/nats_address.ts";
import type { Membership, MemberSide } from "../../daemon/membership.ts";
import { Member } from "../../nats/member.ts";
import { type JobStoreOptions, openJobStore } from "./job_store.ts";
import { busOver, type OpenBusOptions, openNats } from "./open_bus.ts";

export interface JoinPoolOptions extends Pick<OpenBusOptions, "onProblem"> {
  readonly jobs?: JobStoreOptions;
}

/** The servers get so long before the daemon gives up. */
const CONNECT_MS = 10_000;

/** @throws ConnectorError `connect.*`, `package.missing`. */
export async function joinPool(
  address: NatsAddress,
  side: MemberSide,
  options: JoinPoolOptions = {},
): Promise<Membership> {
  const { jobs, ...opening } = options;
  const nats = await openNats(address, {
    ...opening,
    name: `vastar runtime ${side.state().name}`.trimEnd(),
    timeoutMs: CONNECT_MS,
  });
  const bus = busOver(nats, options.onProblem);
  const member = new Member({ ...side, bus, clock: systemClock, pool: address.pool });
  await member.start();
  let closing: Promise<void> | undefined;
  return {
    leaveCalls: () => member.leaveCalls(),
    close: () => closing ??= leave(),
    figures: () => ({
      id: member.id,
      connected: bus.connected,
      members: member.members(),
      sessions: member.sessions,
      refused: member.refused,
    }),
    openJobs: () => openJobStore(nats, address.pool, jobs),
  };

  async function leave(): Promise<void> {
    member.close();
    await bus.close();
  }
}
