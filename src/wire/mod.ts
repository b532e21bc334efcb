/** The wire protocol: frames, messages and flow control. docs/protocol.md explains it. */
export * from "./messages/base.ts";
export { ByteBudget, type Limit } from "./flow/byte_budget.ts";
export * from "./messages/call.ts";
export * from "./messages/call_reply.ts";
export type { Codec } from "./codec.ts";
export { wireError } from "./error.ts";
export { FrameReader, type OnFrame } from "./frame_reader.ts";
export { IncomingBody, type IncomingBodyOptions } from "./flow/incoming_body.ts";
export { MAX_HEADERS } from "./limits.ts";
export { MAX_FRAME_BYTES, MessageType } from "./messages/message_type.ts";
export { Outbox, type OutboxOptions } from "./flow/outbox.ts";
export { ReceiveCredit, type ReceiveCreditOptions } from "./flow/receive_credit.ts";
export { sendBody } from "./flow/send_body.ts";
export { SendCredit } from "./flow/send_credit.ts";
export * from "./messages/session.ts";
export { type Share, SharedBudget } from "./flow/shared_budget.ts";
export { DecodeMeter } from "./table.ts";
export { encodePayload, MessageWriter } from "./writer.ts";
