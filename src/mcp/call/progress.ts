/** What a client hears of a call that takes its time. */

export interface Progress {
  /** Something more has come: `text`, where it is text. Never waits. */
  report(count: number, text?: string): void;
}

export interface ProgressNotification {
  readonly method: "notifications/progress";
  readonly params: {
    readonly progressToken: string | number;
    readonly progress: number;
    readonly message?: string;
  };
}

/** One notification at a time: what comes while one is on its way goes with the next, so that a slow client costs no memory. */
export function createProgress(
  progressToken: string | number,
  send: (notification: ProgressNotification) => Promise<void>,
): Progress {
  let last = -1;
  let count = 0;
  let text = "";
  let busy = false;
  const flush = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (count > last) {
      const message = text;
      text = "";
      last = count;
      const params = { progressToken, progress: last, ...(message === "" ? {} : { message }) };
      // Who no longer listens does not fail the call.
      await send({ method: "notifications/progress", params }).catch(() => {});
    }
    busy = false;
  };
  return {
    report(now, more = "") {
      count = now;
      text += more;
      void flush();
    },
  };
}
