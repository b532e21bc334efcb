/** The messages of the base protocol, as the existing clients and the existing daemon speak them. */
import { ErrorClass } from "../../core/errors.ts";
import type { HeaderList } from "../../core/call.ts";
import {
  addU64,
  type Codec,
  NO_BYTES,
  readHeaders,
  writeBytes,
  writeHeaders,
  writeString,
} from "../codec.ts";
import { CreditUpdate as CreditUpdateTable } from "../gen/credit_update.ts";
import { ExecuteRequest as ExecuteRequestTable } from "../gen/execute_request.ts";
import { ExecuteResponse as ExecuteResponseTable } from "../gen/execute_response.ts";
import { HealthCheckResponse as HealthTable } from "../gen/health_check_response.ts";
import {
  CreditUpdateSlots,
  ExecuteRequestSlots,
  ExecuteResponseSlots,
  HealthCheckResponseSlots,
} from "../gen/slots.ts";
import { MessageType } from "./message_type.ts";
import { Table } from "../table.ts";

export interface ExecuteRequest {
  /** Chosen by the client, all 64 bits: echoed, never interpreted. */
  requestId: bigint;
  tenantId: string;
  workspaceId: string;
  traceId: string;
  connector: string;
  operation: string;
  /** Absolute, epoch ms; 0: none. */
  deadlineAtMs: number;
  payload: Uint8Array;
  headers: HeaderList;
}

export const executeRequest: Codec<ExecuteRequest> = {
  type: MessageType.ExecuteRequest,
  encode(b, m) {
    const tenant = b.createString(m.tenantId);
    const workspace = writeString(b, m.workspaceId);
    const trace = writeString(b, m.traceId);
    const connector = b.createString(m.connector);
    const operation = b.createString(m.operation);
    const payload = writeBytes(b, m.payload);
    const headers = writeHeaders(b, m.headers);
    ExecuteRequestTable.startExecuteRequest(b);
    ExecuteRequestTable.addRequestId(b, m.requestId);
    ExecuteRequestTable.addTenantId(b, tenant);
    ExecuteRequestTable.addWorkspaceId(b, workspace);
    ExecuteRequestTable.addTraceId(b, trace);
    ExecuteRequestTable.addConnectorName(b, connector);
    ExecuteRequestTable.addOperation(b, operation);
    addU64(b, ExecuteRequestSlots.deadlineAtMs, m.deadlineAtMs);
    ExecuteRequestTable.addPayload(b, payload);
    ExecuteRequestTable.addHeaders(b, headers);
    b.finish(ExecuteRequestTable.endExecuteRequest(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return {
      requestId: t.big(ExecuteRequestSlots.requestId),
      tenantId: t.required(ExecuteRequestSlots.tenantId, "tenant_id"),
      workspaceId: t.string(ExecuteRequestSlots.workspaceId),
      traceId: t.string(ExecuteRequestSlots.traceId),
      connector: t.required(ExecuteRequestSlots.connectorName, "connector_name"),
      operation: t.required(ExecuteRequestSlots.operation, "operation"),
      deadlineAtMs: t.u64(ExecuteRequestSlots.deadlineAtMs),
      payload: t.view(ExecuteRequestSlots.payload) ?? NO_BYTES,
      headers: readHeaders(t, ExecuteRequestSlots.headers),
    };
  },
};

export interface ExecuteResponse {
  /** 0 if the request could not be read. */
  requestId: bigint;
  errorClass: ErrorClass;
  errorMessage: string;
  payload: Uint8Array;
  durationUs: number;
}

export const executeResponse: Codec<ExecuteResponse> = {
  type: MessageType.ExecuteResponse,
  encode(b, m) {
    const message = writeString(b, m.errorMessage);
    const payload = writeBytes(b, m.payload);
    ExecuteResponseTable.startExecuteResponse(b);
    ExecuteResponseTable.addRequestId(b, m.requestId);
    ExecuteResponseTable.addErrorClass(b, m.errorClass);
    ExecuteResponseTable.addErrorMessage(b, message);
    ExecuteResponseTable.addPayload(b, payload);
    addU64(b, ExecuteResponseSlots.durationUs, m.durationUs);
    b.finish(ExecuteResponseTable.endExecuteResponse(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return {
      requestId: t.big(ExecuteResponseSlots.requestId),
      errorClass: errorClass(t.u8(ExecuteResponseSlots.errorClass)),
      errorMessage: t.string(ExecuteResponseSlots.errorMessage),
      payload: t.view(ExecuteResponseSlots.payload) ?? NO_BYTES,
      durationUs: t.u64(ExecuteResponseSlots.durationUs),
    };
  },
};

/** An unknown class from a newer peer is Permanent: never retried blindly. */
export function errorClass(value: number): ErrorClass {
  return value <= ErrorClass.InvalidRequest ? (value as ErrorClass) : ErrorClass.Permanent;
}

/** Empty on the wire; what a peer puts into it is ignored. */
export const healthCheck: Codec<null> = {
  type: MessageType.HealthCheck,
  encode(b) {
    b.startObject(0);
    b.finish(b.endObject());
  },
  decode: () => null,
};

export interface HealthResponse {
  healthy: boolean;
  message: string;
  activeRequests: number;
  availableCredits: number;
}

export const healthResponse: Codec<HealthResponse> = {
  type: MessageType.HealthResponse,
  encode(b, m) {
    const message = writeString(b, m.message);
    HealthTable.startHealthCheckResponse(b);
    HealthTable.addHealthy(b, m.healthy);
    HealthTable.addMessage(b, message);
    HealthTable.addActiveRequests(b, m.activeRequests);
    HealthTable.addAvailableCredits(b, m.availableCredits);
    b.finish(HealthTable.endHealthCheckResponse(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return {
      healthy: t.bool(HealthCheckResponseSlots.healthy),
      message: t.string(HealthCheckResponseSlots.message),
      activeRequests: t.u32(HealthCheckResponseSlots.activeRequests),
      availableCredits: t.u32(HealthCheckResponseSlots.availableCredits),
    };
  },
};

export interface CreditUpdate {
  /** Bytes granted; in base, whatever unit the peer uses. */
  creditDelta: number;
  totalCredits: number;
  /** Session: the call that gets them, 0 for the whole connection. */
  callId: number;
}

export const creditUpdate: Codec<CreditUpdate> = {
  type: MessageType.CreditUpdate,
  encode(b, m) {
    CreditUpdateTable.startCreditUpdate(b);
    CreditUpdateTable.addCreditDelta(b, m.creditDelta);
    CreditUpdateTable.addTotalCredits(b, m.totalCredits);
    addU64(b, CreditUpdateSlots.callId, m.callId);
    b.finish(CreditUpdateTable.endCreditUpdate(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return {
      creditDelta: t.u32(CreditUpdateSlots.creditDelta) | 0,
      totalCredits: t.u32(CreditUpdateSlots.totalCredits),
      callId: t.u64(CreditUpdateSlots.callId),
    };
  },
};
