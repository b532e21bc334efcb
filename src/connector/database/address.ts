/** Where a database is: the address in the client's configuration. */
import { invalidRequest } from "../../core/errors.ts";
import type { ServerData } from "../data/connector.ts";

/** `schemes`: of addresses that the connector's statements are written for, such as `postgres`. */
export function databaseServer(...schemes: readonly string[]): ServerData {
  return {
    url: `${schemes[0]}:`,
    fill: (id, _, __, { url }) => {
      if (url !== undefined) return String(url);
      throw invalidRequest(
        "config.missing",
        `${id} needs baseURL, as the runtime holds the credentials of its url: give one such as ${
          schemes[0]
        }://HOST/DATABASE`,
      );
    },
    check: (id, url) => {
      const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? "";
      if ([...schemes, "database", "http", "https"].includes(scheme) && url.isWellFormed()) {
        // Of a stand-in, whose address is followed by a path.
        return scheme.startsWith("http") ? url.replace(/\/+$/, "") : url;
      }
      // Not shown: it may hold a password.
      throw invalidRequest(
        "config.invalid",
        `The url of ${id} ${
          scheme === "" ? "has no scheme" : `starts with ${scheme}:`
        }: it must be the address of a database, ${schemes.map((one) => `${one}:`).join(" or ")}`,
      );
    },
  };
}
