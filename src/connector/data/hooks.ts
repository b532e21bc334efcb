/** The escape hatch: functions written by hand that a spec names. */
import type { CallReply } from "../../core/call.ts";
import type { HeaderBag, OutgoingRequest } from "./request.ts";

/** Signs or changes a request before it is sent. `config` are the client's fields, secrets included. */
export type AuthHook = (
  request: OutgoingRequest,
  config: Readonly<Record<string, unknown>>,
) => void | Promise<void>;

/** Changes a request after everything else except auth. */
export type RequestHook = (
  request: OutgoingRequest,
  input: unknown,
  config: Readonly<Record<string, unknown>>,
) => void | Promise<void>;

/** Changes the value that the caller gets. */
export type ResponseHook = (value: unknown, reply: CallReply) => unknown;

/** Folds the items of a stream; called with each item in order, first with undefined as the value. */
export type AccumulateHook = (value: unknown, item: unknown) => unknown;

/** Throws, or returns false, if a webhook is not authentic. */
export type VerifyHook = (
  message: { readonly headers: HeaderBag; readonly body: Uint8Array },
  config: Readonly<Record<string, unknown>>,
) => boolean | void | Promise<boolean | void>;
