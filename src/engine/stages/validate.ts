/** Refuses what is not a request before anything is spent on it. */
import { checkHeaders, checkMethod, parseUrl } from "../../http/syntax.ts";
import type { Stage } from "../stage.ts";

/** Clients call the same few URLs again and again, and a parsed URL is the dearest object of a small call. */
const MAX_PARSED = 1_000;

export function validate(): Stage {
  const parsed = new Map<string, URL>();

  function parse(text: string): URL {
    let url = parsed.get(text);
    if (url === undefined) {
      url = parseUrl(text);
      if (parsed.size >= MAX_PARSED) parsed.clear();
      parsed.set(text, url);
    }
    return url;
  }

  return (call, next) => {
    checkMethod(call.method);
    checkHeaders(call.headers);
    call.target = parse(call.url);
    return next(call);
  };
}
