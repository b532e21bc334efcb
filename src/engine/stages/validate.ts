/** Refuses what is not a request before anything is spent on it. */
import { checkHeaders, checkMethod, parseUrl } from "../../http/syntax.ts";
import type { Stage } from "../stage.ts";

export function validate(): Stage {
  return (call, next) => {
    checkMethod(call.method);
    checkHeaders(call.headers);
    call.target = parseUrl(call.url);
    return next(call);
  };
}
