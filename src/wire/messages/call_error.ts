/** A ConnectorError on the wire: everything but its cause, which stays in the process where it happened. */
import type { Builder } from "../builder.ts";
import { ConnectorError, type Origin, type Sent } from "../../core/errors.ts";
import { errorClass } from "./base.ts";
import { addU64, writeString } from "../codec.ts";
import { CallError as CallErrorTable } from "../gen/call_error.ts";
import { Origin as OriginNumber } from "../gen/origin.ts";
import { Sent as SentNumber } from "../gen/sent.ts";
import { CallErrorSlots } from "../gen/slots.ts";
import type { Table } from "../table.ts";

const SENT: Record<Sent, number> = {
  no: SentNumber.No,
  maybe: SentNumber.Maybe,
  committed: SentNumber.Committed,
};
const ORIGIN: Record<Origin, number> = {
  local: OriginNumber.Local,
  caller: OriginNumber.Caller,
  upstream: OriginNumber.Upstream,
};
const SENT_NAMES = Object.keys(SENT) as Sent[];
const ORIGIN_NAMES = Object.keys(ORIGIN) as Origin[];

export function writeCallError(b: Builder, error: ConnectorError): number {
  const code = b.createString(error.code);
  const message = writeString(b, error.message);
  const requestId = writeString(b, error.requestId ?? "");
  CallErrorTable.startCallError(b);
  CallErrorTable.addErrorClass(b, error.errorClass);
  CallErrorTable.addCode(b, code);
  CallErrorTable.addMessage(b, message);
  CallErrorTable.addOrigin(b, ORIGIN[error.origin]);
  CallErrorTable.addSent(b, SENT[error.sent]);
  CallErrorTable.addStatus(b, error.status ?? 0);
  CallErrorTable.addRetryAfterMs(b, BigInt(wholeMs(error.retryAfterMs)));
  CallErrorTable.addAttempts(b, error.attempts);
  CallErrorTable.addRequestId(b, requestId);
  addU64(b, CallErrorSlots.waitedUs, error.waitedUs);
  addU64(b, CallErrorSlots.queuedUs, error.queuedUs);
  return CallErrorTable.endCallError(b);
}

/** -1: unknown. */
function wholeMs(ms: number | undefined): number {
  return ms !== undefined && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER ? Math.ceil(ms) : -1;
}

export function readCallError(t: Table): ConnectorError {
  const retryAfterMs = t.i64(CallErrorSlots.retryAfterMs, -1);
  return new ConnectorError({
    errorClass: errorClass(t.u8(CallErrorSlots.errorClass)),
    code: t.required(CallErrorSlots.code, "code"),
    message: t.string(CallErrorSlots.message),
    origin: ORIGIN_NAMES[t.u8(CallErrorSlots.origin)] ?? "local",
    sent: SENT_NAMES[t.u8(CallErrorSlots.sent)] ?? "maybe",
    status: t.u16(CallErrorSlots.status) || undefined,
    retryAfterMs: retryAfterMs < 0 ? undefined : retryAfterMs,
    attempts: t.u16(CallErrorSlots.attempts),
    requestId: t.string(CallErrorSlots.requestId) || undefined,
    waitedUs: t.u64(CallErrorSlots.waitedUs),
    queuedUs: t.u64(CallErrorSlots.queuedUs),
  });
}
