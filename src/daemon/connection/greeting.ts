/** What the first frame of a connection must be. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { type Hello, hello } from "../../wire/mod.ts";
import { MIN_FRAME_BYTES } from "../options.ts";
import type { AccessToken } from "./tokens.ts";

/** Undefined if the payload is not a Hello: it is then answered like any other unreadable frame. */
export function readHello(payload: Uint8Array): Hello | undefined {
  try {
    return hello.decode(payload);
  } catch {
    return undefined;
  }
}

/** Undefined: the session may open. */
export function refusalOf(
  greeting: Hello,
  token: AccessToken | undefined,
  tokenRequired: boolean,
): { code: string; message: string } | undefined {
  if (greeting.version < 1) {
    return { code: "session.version", message: "version 0 does not exist; this runtime speaks 1" };
  }
  if (greeting.maxFrameBytes !== 0 && greeting.maxFrameBytes < MIN_FRAME_BYTES) {
    return {
      code: "session.frame_limit",
      message: `max_frame_bytes is ${greeting.maxFrameBytes}; it must be at least ` +
        `${MIN_FRAME_BYTES}, or 0 for the usual 10 MiB`,
    };
  }
  if (token !== undefined || (greeting.token === "" && !tokenRequired)) return undefined;
  return {
    code: "auth.refused",
    message: greeting.token === ""
      ? "this listener requires an access token"
      : "the access token is not valid",
  };
}

export function tokenMissing(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.InvalidRequest,
    code: "auth.refused",
    message:
      "this listener requires an access token, which only a session can carry: send Hello first",
    origin: "caller",
  });
}
