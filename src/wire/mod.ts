/** The wire protocol: frames, messages and flow control. docs/protocol.md explains it. */
export * from "./base.ts";
export { ByteBudget, type Limit } from "./byte_budget.ts";
export * from "./call.ts";
export type { Codec } from "./codec.ts";
export { wireError } from "./error.ts";
export { FrameReader, type OnFrame } from "./frame_reader.ts";
export { IncomingBody, type IncomingBodyOptions } from "./incoming_body.ts";
export { MAX_HEADERS } from "./limits.ts";
export { MAX_FRAME_BYTES, MessageType } from "./message_type.ts";
export { Outbox, type OutboxOptions } from "./outbox.ts";
export { ReceiveCredit, type ReceiveCreditOptions } from "./receive_credit.ts";
export { sendBody } from "./send_body.ts";
export { SendCredit } from "./send_credit.ts";
export * from "./session.ts";
export { type Share, SharedBudget } from "./shared_budget.ts";
export { DecodeMeter } from "./table.ts";
export { encodePayload, MessageWriter } from "./writer.ts";
