/** Calls that have an id: the same again joins the one under way, and afterwards gets its outcome. None is carried out twice. */
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass, invalidRequest } from "../../core/errors.ts";
import { Shelf } from "./shelf.ts";

const MEGABYTE = 1 << 20;
const ENTRIES = 1_000;

interface Call<R> {
  /** What was asked for. */
  readonly print: string;
  readonly outcome: Promise<Ended<R>>;
}

export interface Ended<R> {
  readonly result: R;
  /** False where nothing was done, so that the same call may be made again. */
  readonly final: boolean;
  /** About how much the result takes, in characters. */
  readonly size: number;
}

export class KeyedCalls<R> {
  readonly #ended: Shelf<{ readonly print: string; readonly result?: R }>;
  readonly #underWay = new Map<string, Call<R>>();

  constructor(keepMs: number, clock: Clock) {
    const bounds = { entries: ENTRIES, size: 8 * MEGABYTE, total: 64 * MEGABYTE, ageMs: keepMs };
    this.#ended = new Shelf(bounds, clock);
  }

  /** @throws ConnectorError `idempotency.mismatch` where the id was that of another call, `idempotency.not_kept`. */
  async make(
    tenant: string,
    id: string,
    print: string,
    make: () => Promise<Ended<R>>,
  ): Promise<R> {
    const place = `${tenant.length} ${tenant} ${id}`;
    const known = this.#underWay.get(place);
    if (known !== undefined) {
      if (known.print !== print) throw mismatch(id);
      return (await known.outcome).result;
    }
    const ended = this.#ended.get(tenant, id);
    if (ended !== undefined) {
      if (ended.print !== print) throw mismatch(id);
      if (ended.result === undefined) throw notKept(id);
      return ended.result;
    }
    const outcome = make();
    this.#underWay.set(place, { print, outcome });
    try {
      const { result, final, size } = await outcome;
      if (final && !this.#ended.put(tenant, id, { print, result }, size + print.length)) {
        // Too large to be kept, and not to be done twice all the same.
        this.#ended.put(tenant, id, { print }, print.length);
      }
      return result;
    } finally {
      this.#underWay.delete(place);
    }
  }
}

function notKept(id: string): Error {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "idempotency.not_kept",
    message: `The call ${
      JSON.stringify(id)
    } was carried out, and its answer was too long to be kept: look at what the API has.`,
    origin: "caller",
  });
}

function mismatch(id: string): Error {
  return invalidRequest(
    "idempotency.mismatch",
    `The call id ${
      JSON.stringify(id)
    } was used for another call already: the same id goes with the same ` +
      "operation and arguments only. Take a new one for a new call.",
  );
}
