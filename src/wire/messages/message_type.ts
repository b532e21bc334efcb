/** The byte after the length. Only append; never reuse a number. */
export const MessageType = {
  ExecuteRequest: 0,
  ExecuteResponse: 1,
  HealthCheck: 2,
  HealthResponse: 3,
  CreditUpdate: 4,
  Hello: 5,
  Welcome: 6,
  CallStart: 7,
  CallHead: 8,
  Data: 9,
  End: 10,
  Cancel: 11,
  GoAway: 12,
  CallRetry: 13,
} as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** Largest frame, counting the type byte and the payload, not the length itself: 10 MiB. */
export const MAX_FRAME_BYTES: number = 10 * 1024 * 1024;
