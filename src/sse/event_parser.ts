/** The text of a stream of server-sent events, piece by piece. */

export interface ServerSentEvent {
  /** Undefined if the event has no name, which browsers call `message`. */
  readonly event?: string | undefined;
  /** Lines joined with a newline. */
  readonly data: string;
  /** Id of this event only; undefined if it has none. */
  readonly id?: string | undefined;
  /** Reconnection time in milliseconds, if given at or before this event. */
  readonly retry?: number | undefined;
}

export interface EventParser {
  /** False once an event is larger than the limit: nothing more is read. */
  feed(text: string): boolean;
  /** The start of what came before the first event and does not belong to one: the body is something else, such as a page. */
  rest(): string;
}

/** Enough for any message of an error. */
const REST = 0x10000;

/** As the HTML standard says; `retry` counts for the event that follows it. `limit`: characters of one event, or of one line. */
export function eventParser(limit: number, emit: (event: ServerSentEvent) => void): EventParser {
  let rest = "";
  let started = false;
  /** The last piece ended with CR: an LF that follows belongs to it. */
  let afterReturn = false;
  let event: string | undefined;
  let data: string | undefined;
  let id: string | undefined;
  let retry: number | undefined;
  let strange: string | undefined = "";

  const dispatch = (): boolean => {
    const fits = data === undefined || data.length <= limit;
    if (data !== undefined && fits) {
      emit(retry === undefined ? { id, event, data } : { id, event, data, retry });
      retry = strange = undefined;
    }
    event = data = id = undefined;
    return fits;
  };

  const add = (value: string): void => {
    data = data === undefined ? value : `${data}\n${value}`;
  };

  const field = (line: string): void => {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    // 32 is a blank, of which one is left out.
    const value = colon === -1
      ? ""
      : line.slice(colon + (line.charCodeAt(colon + 1) === 32 ? 2 : 1));
    if (name === "data") add(value);
    else if (name === "event") event = value || undefined;
    else if (name === "id") id = value.includes("\0") ? undefined : value;
    else if (name === "retry" && /^\d+$/.test(value)) retry = Number(value);
    else if (name !== "" && strange !== undefined && strange.length < REST) strange += `${line}\n`;
  };

  return {
    feed(piece) {
      let text = piece;
      if (!started && text !== "") {
        started = true;
        if (text.startsWith("\ufeff")) text = text.slice(1);
      }
      if (afterReturn && text.startsWith("\n")) text = text.slice(1);
      if (piece !== "") afterReturn = piece.endsWith("\r");
      if (text.includes("\r")) text = text.replace(/\r\n?/g, "\n");
      let at = 0;
      for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", at)) {
        const line = rest === "" ? text.slice(at, end) : rest + text.slice(at, end);
        rest = "";
        at = end + 1;
        if (line === "") {
          if (!dispatch()) return false;
        } else if (line.startsWith("data: ")) add(line.slice(6));
        else field(line);
      }
      rest += text.slice(at);
      return rest.length + (data?.length ?? 0) <= limit;
    },
    rest: () => strange ?? "",
  };
}
