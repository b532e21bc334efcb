/** Asks a pool who is in it. */
import { systemClock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { formatNatsAddress, type NatsAddress } from "../../core/pool/nats_address.ts";
import { within } from "../../core/async/within.ts";
import { type MemberInfo, readNews } from "../../nats/presence.ts";
import { randomId, subjectsOf } from "../../nats/subjects.ts";
import { openBus, type OpenBusOptions } from "./open_bus.ts";

/**
 * What one of its members knows; none if there is no member.
 * @throws ConnectorError `connect.*`, `package.missing`.
 */
export async function askPool(
  address: NatsAddress,
  options: Pick<OpenBusOptions, "timeoutMs">,
): Promise<readonly MemberInfo[]> {
  const { timeoutMs } = options;
  const bus = await openBus(address, { ...options, name: "vastar status" });
  try {
    const subjects = subjectsOf(address.pool, address.user);
    const reply = subjects.client(randomId(), "list");
    const answer = new Promise<readonly MemberInfo[]>((resolve) => {
      bus.subscribe(reply, ({ data, nobody }) => resolve(nobody ? [] : readNews(data).members));
    });
    bus.publish(subjects.list, new Uint8Array(0), reply);
    return await within(answer, {
      clock: systemClock,
      timeoutMs,
      late: () =>
        new ConnectorError({
          errorClass: ErrorClass.Transient,
          code: "connect.timeout",
          message: `No member of ${formatNatsAddress(address)} answered within ${timeoutMs} ms`,
        }),
    });
  } finally {
    await bus.close();
  }
}
