/** What an SQLSTATE means for a caller. docs/errors.md shows the same table; a check compares them. */
import { ConnectorError, ErrorClass, type Sent } from "../../core/errors.ts";

interface Meaning {
  /** Whole SQLSTATEs, or the two characters of their class. */
  readonly states: readonly string[];
  readonly code: string;
  readonly errorClass: ErrorClass;
}

const { Transient, Permanent, InvalidRequest, Timeout } = ErrorClass;

/** The first whole state wins, then the first class. */
export const SQLSTATES: readonly Meaning[] = [
  { states: ["40001"], code: "database.serialization", errorClass: Transient },
  { states: ["40P01"], code: "database.deadlock", errorClass: Transient },
  { states: ["55P03"], code: "database.locked", errorClass: Transient },
  { states: ["57014"], code: "database.statement_timeout", errorClass: Timeout },
  { states: ["25006"], code: "database.read_only", errorClass: Permanent },
  {
    states: ["25P02", "25", "2D", "3B", "40"],
    code: "database.transaction",
    errorClass: Permanent,
  },
  { states: ["42501", "28"], code: "database.denied", errorClass: Permanent },
  { states: ["3D"], code: "database.not_found", errorClass: Permanent },
  { states: ["23"], code: "database.constraint", errorClass: Permanent },
  { states: ["21", "22"], code: "database.value", errorClass: InvalidRequest },
  {
    states: ["08P01", "0A", "26", "34", "3F", "42", "54"],
    code: "database.statement",
    errorClass: InvalidRequest,
  },
  { states: ["P0", "45"], code: "database.raised", errorClass: Permanent },
  { states: ["53", "57"], code: "database.unavailable", errorClass: Transient },
  { states: ["08"], code: "database.connection_lost", errorClass: Transient },
];

/** What a server reported. */
export interface SqlFailure {
  readonly state: string;
  readonly message: string;
  /** What the server itself calls it, where that is not `state`. */
  readonly name?: string;
}

/** The victim of another transaction: the server has undone all of it. */
const BROKEN_OFF: ReadonlySet<string> = new Set(["40001", "40P01"]);
const MOST_SHOWN = 300;

/** `opening`: the statement was not sent. `declared`: it is the whole of a transaction that its session declares. */
export function sqlError(
  { state, message, name = `SQLSTATE ${state}` }: SqlFailure,
  { opening, declared }: { readonly opening: boolean; readonly declared: boolean },
): ConnectorError {
  const { code, errorClass } = meaningOf(state);
  const undone = declared && BROKEN_OFF.has(state);
  const sent: Sent = opening || undone ? "no" : sentOf(errorClass);
  return new ConnectorError({
    errorClass,
    code,
    message: `the database says: ${shortened(message)} (${name})`,
    origin: "upstream",
    sent,
  });
}

/** What a server without SQLSTATEs reported, by the code that fits. */
export function serverError(code: string, said: string): ConnectorError {
  const errorClass = SQLSTATES.find((meaning) => meaning.code === code)?.errorClass ?? Permanent;
  return new ConnectorError({
    errorClass,
    code,
    message: `the database says: ${shortened(said)}`,
    origin: "upstream",
    sent: sentOf(errorClass),
  });
}

/** Of a statement that was sent: what passes may be repeated by those whom it does no harm. */
export function sentOf(errorClass: ErrorClass): Sent {
  return errorClass === Transient || errorClass === Timeout ? "maybe" : "committed";
}

function meaningOf(state: string): Pick<Meaning, "code" | "errorClass"> {
  const named = (name: string) => SQLSTATES.find(({ states }) => states.includes(name));
  return named(state) ?? named(state.slice(0, 2)) ??
    { code: "database.failed", errorClass: Permanent };
}

function shortened(message: string): string {
  return message.length > MOST_SHOWN ? `${message.slice(0, MOST_SHOWN)}…` : message;
}
