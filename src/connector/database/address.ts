/** Where a database is: the address in the client's configuration. */
import { invalidRequest } from "../../core/errors.ts";
import type { ServerData } from "../data/connector.ts";

/**
 * `env`: the variable in which the address may be. `schemes`: of the addresses that the connector's statements are written for,
 * such as `postgres`.
 */
export function databaseServer(env: string | undefined, ...schemes: readonly string[]): ServerData {
  return {
    url: `${schemes[0]}:`,
    fill: (id, _, { credentials }, { url }) => {
      if (url !== undefined) return String(url);
      const held = credentials === "runtime"
        ? "baseURL, as the runtime holds what is in its url: give database:NAME"
        : `url: give url${env === undefined ? "" : ` or set ${env}`}`;
      throw invalidRequest("config.missing", `${id} needs ${held}`);
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
