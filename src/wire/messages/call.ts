/** Call messages of the session protocol: start, head, data, end, cancel. */
import type { Builder } from "../builder.ts";
import type { CallRequest, CallRetry, HeaderList } from "../../core/call.ts";
import type { Keep } from "../../core/rules/keep.ts";
import type { ConnectorError } from "../../core/errors.ts";
import {
  addU64,
  type Codec,
  NO_BYTES,
  readHeaders,
  readMs,
  wireMs,
  writeBytes,
  writeHeaders,
  writeString,
} from "../codec.ts";
import { readCallError, writeCallError } from "./call_error.ts";
import { addPolicy, readPolicy, writePolicy } from "./call_policy.ts";
import { CallHead as CallHeadTable } from "../gen/call_head.ts";
import { CallRetry as CallRetryTable } from "../gen/call_retry.ts";
import { CallStart as CallStartTable } from "../gen/call_start.ts";
import { Cancel as CancelTable } from "../gen/cancel.ts";
import { Data as DataTable } from "../gen/data.ts";
import { End as EndTable } from "../gen/end.ts";
import { Keep as KeepTable } from "../gen/keep.ts";
import {
  CallHeadSlots,
  CallRetrySlots,
  CallStartSlots,
  CancelSlots,
  DataSlots,
  EndSlots,
  KeepSlots,
} from "../gen/slots.ts";
import { MessageType } from "./message_type.ts";
import { Table } from "../table.ts";

/** Bodies up to this travel inside CallStart or CallHead; larger ones, and streams, in Data frames of at most this size. */
export const MAX_DATA_BYTES: number = 64 * 1024;

export interface CallStart {
  /** Chosen by the client: 1 to 2^53 - 1, rising. */
  callId: number;
  /** The body comes in Data frames, and `call.body` is null. */
  bodyFollows: boolean;
  /** Whether the client wants to hear of attempts that are repeated. */
  reportRetries: boolean;
  /** `signal` and `onRetry` stay behind. Empty, `tenantId` is the one of the token; `timeoutMs` 0: the runtime's default. */
  call: CallRequest;
}

export const callStart: Codec<CallStart> = {
  type: MessageType.CallStart,
  encode(b, { callId, bodyFollows, reportRetries, call }) {
    const tenant = writeString(b, call.tenantId);
    const workspace = writeString(b, call.workspaceId);
    const trace = writeString(b, call.traceId);
    const connector = call.connector === "http" ? 0 : writeString(b, call.connector);
    const operation = call.operation === "request" ? 0 : writeString(b, call.operation);
    const method = b.createString(call.method);
    const url = b.createString(call.url);
    const headers = writeHeaders(b, call.headers);
    const body = call.body instanceof Uint8Array ? writeBytes(b, call.body) : 0;
    const key = writeString(b, call.idempotencyKey ?? "");
    const traceparent = writeString(b, call.traceparent ?? "");
    const policy = writePolicy(b, call.policy);
    const keep = call.keep === undefined ? 0 : writeKeep(b, call.keep);
    CallStartTable.startCallStart(b);
    addU64(b, CallStartSlots.callId, callId);
    CallStartTable.addTenantId(b, tenant);
    CallStartTable.addWorkspaceId(b, workspace);
    CallStartTable.addTraceId(b, trace);
    CallStartTable.addConnector(b, connector);
    CallStartTable.addOperation(b, operation);
    CallStartTable.addMethod(b, method);
    CallStartTable.addUrl(b, url);
    CallStartTable.addHeaders(b, headers);
    CallStartTable.addBody(b, body);
    CallStartTable.addBodyFollows(b, bodyFollows);
    CallStartTable.addTimeoutMs(b, wireMs(call.timeoutMs));
    CallStartTable.addIdempotencyKey(b, key);
    CallStartTable.addTraceparent(b, traceparent);
    addPolicy(b, call.policy, policy);
    CallStartTable.addReportRetries(b, reportRetries);
    CallStartTable.addKeep(b, keep);
    b.finish(CallStartTable.endCallStart(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return {
      callId: t.u64(CallStartSlots.callId),
      bodyFollows: t.bool(CallStartSlots.bodyFollows),
      reportRetries: t.bool(CallStartSlots.reportRetries),
      call: {
        tenantId: t.string(CallStartSlots.tenantId),
        workspaceId: t.string(CallStartSlots.workspaceId),
        traceId: t.string(CallStartSlots.traceId),
        connector: t.string(CallStartSlots.connector) || "http",
        operation: t.string(CallStartSlots.operation) || "request",
        method: t.required(CallStartSlots.method, "method"),
        url: t.required(CallStartSlots.url, "url"),
        headers: readHeaders(t, CallStartSlots.headers),
        body: t.view(CallStartSlots.body) ?? null,
        timeoutMs: readMs(t, CallStartSlots.timeoutMs),
        idempotencyKey: t.string(CallStartSlots.idempotencyKey) || undefined,
        traceparent: t.string(CallStartSlots.traceparent) || undefined,
        policy: readPolicy(t),
        keep: readKeep(t.table(CallStartSlots.keep)),
      },
    };
  },
};

function writeKeep(b: Builder, { id, from = -1, stop = false }: Keep): number {
  const name = b.createString(id);
  KeepTable.startKeep(b);
  KeepTable.addId(b, name);
  KeepTable.addFrom(b, BigInt(from));
  KeepTable.addStop(b, stop);
  return KeepTable.endKeep(b);
}

function readKeep(t: Table | undefined): Keep | undefined {
  if (t === undefined) return undefined;
  const from = t.i64(KeepSlots.from, -1);
  return {
    id: t.required(KeepSlots.id, "id"),
    ...(from >= 0 && { from }),
    ...(t.bool(KeepSlots.stop) && { stop: true }),
  };
}

export interface CallRetried extends CallRetry {
  callId: number;
}

export const callRetry: Codec<CallRetried> = {
  type: MessageType.CallRetry,
  encode(b, m) {
    const code = writeString(b, m.code ?? "");
    CallRetryTable.startCallRetry(b);
    addU64(b, CallRetrySlots.callId, m.callId);
    CallRetryTable.addAttempts(b, m.attempts);
    CallRetryTable.addWaitMs(b, wireMs(m.waitMs));
    CallRetryTable.addStatus(b, m.status ?? 0);
    CallRetryTable.addCode(b, code);
    b.finish(CallRetryTable.endCallRetry(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return {
      callId: t.u64(CallRetrySlots.callId),
      attempts: t.u16(CallRetrySlots.attempts),
      waitMs: readMs(t, CallRetrySlots.waitMs),
      status: t.u16(CallRetrySlots.status) || undefined,
      code: t.string(CallRetrySlots.code) || undefined,
    };
  },
};

export interface CallHead {
  callId: number;
  status: number;
  headers: HeaderList;
  /** The whole body; with `bodyFollows`, empty. Without it this message also ends the call. */
  body: Uint8Array;
  bodyFollows: boolean;
  attempts: number;
  durationUs: number;
  requestId: string;
  /** The URL that answered; empty: the URL of the call. */
  url: string;
  waitedUs: number;
  queuedUs: number;
  hedges: number;
  kept: boolean;
}

export const callHead: Codec<CallHead> = {
  type: MessageType.CallHead,
  encode(b, m) {
    const headers = writeHeaders(b, m.headers);
    const body = writeBytes(b, m.body);
    const requestId = writeString(b, m.requestId);
    const url = writeString(b, m.url);
    CallHeadTable.startCallHead(b);
    addU64(b, CallHeadSlots.callId, m.callId);
    CallHeadTable.addStatus(b, m.status);
    CallHeadTable.addHeaders(b, headers);
    CallHeadTable.addBody(b, body);
    CallHeadTable.addBodyFollows(b, m.bodyFollows);
    CallHeadTable.addAttempts(b, m.attempts);
    addU64(b, CallHeadSlots.durationUs, m.durationUs);
    CallHeadTable.addRequestId(b, requestId);
    CallHeadTable.addUrl(b, url);
    addU64(b, CallHeadSlots.waitedUs, m.waitedUs);
    addU64(b, CallHeadSlots.queuedUs, m.queuedUs);
    CallHeadTable.addHedges(b, m.hedges);
    CallHeadTable.addKept(b, m.kept);
    b.finish(CallHeadTable.endCallHead(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return {
      callId: t.u64(CallHeadSlots.callId),
      status: t.u16(CallHeadSlots.status),
      headers: readHeaders(t, CallHeadSlots.headers),
      body: t.view(CallHeadSlots.body) ?? NO_BYTES,
      bodyFollows: t.bool(CallHeadSlots.bodyFollows),
      attempts: t.u16(CallHeadSlots.attempts),
      durationUs: t.u64(CallHeadSlots.durationUs),
      requestId: t.string(CallHeadSlots.requestId),
      url: t.string(CallHeadSlots.url),
      waitedUs: t.u64(CallHeadSlots.waitedUs),
      queuedUs: t.u64(CallHeadSlots.queuedUs),
      hedges: t.u16(CallHeadSlots.hedges),
      kept: t.bool(CallHeadSlots.kept),
    };
  },
};

export interface Data {
  callId: number;
  bytes: Uint8Array;
}

export const data: Codec<Data> = {
  type: MessageType.Data,
  encode(b, m) {
    const bytes = writeBytes(b, m.bytes);
    DataTable.startData(b);
    addU64(b, DataSlots.callId, m.callId);
    DataTable.addBytes(b, bytes);
    b.finish(DataTable.endData(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return { callId: t.u64(DataSlots.callId), bytes: t.view(DataSlots.bytes) ?? NO_BYTES };
  },
};

export interface End {
  callId: number;
  trailers: HeaderList;
  /** Absent: that direction ended well. */
  error: ConnectorError | undefined;
}

export const end: Codec<End> = {
  type: MessageType.End,
  encode(b, m) {
    const trailers = writeHeaders(b, m.trailers);
    const error = m.error === undefined ? 0 : writeCallError(b, m.error);
    EndTable.startEnd(b);
    addU64(b, EndSlots.callId, m.callId);
    EndTable.addTrailers(b, trailers);
    EndTable.addError(b, error);
    b.finish(EndTable.endEnd(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    const error = t.table(EndSlots.error);
    return {
      callId: t.u64(EndSlots.callId),
      trailers: readHeaders(t, EndSlots.trailers),
      error: error === undefined ? undefined : readCallError(error),
    };
  },
};

export interface Cancel {
  callId: number;
}

export const cancel: Codec<Cancel> = {
  type: MessageType.Cancel,
  encode(b, m) {
    CancelTable.startCancel(b);
    addU64(b, CancelSlots.callId, m.callId);
    b.finish(CancelTable.endCancel(b));
  },
  decode(payload, meter) {
    return { callId: Table.root(payload, meter).u64(CancelSlots.callId) };
  },
};
