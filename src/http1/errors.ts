/** What can be wrong with an answer. http/classify.ts knows the `code`; the text says what was found. */

export class AnswerError extends Error {
  readonly code: "HTTP1_MALFORMED" | "HTTP1_TOO_LARGE" | "HTTP1_TRUNCATED" | "HTTP1_CLOSED";

  constructor(code: AnswerError["code"], message: string) {
    super(message);
    this.name = "AnswerError";
    this.code = code;
  }
}

/** Not HTTP, or HTTP that two readers could understand differently. `found` is fixed text, never the upstream's. */
export function malformed(found: string): AnswerError {
  return new AnswerError("HTTP1_MALFORMED", found);
}

export function headTooLarge(limit: string): AnswerError {
  return new AnswerError("HTTP1_TOO_LARGE", limit);
}

export function truncated(): AnswerError {
  return new AnswerError("HTTP1_TRUNCATED", "the connection closed before the end of the body");
}

export function closedEarly(): AnswerError {
  return new AnswerError("HTTP1_CLOSED", "the connection closed before an answer");
}
