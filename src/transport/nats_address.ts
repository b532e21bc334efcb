/** Reads the address of a pool: `nats://host:4222,other/pool`, with credentials as NATS writes them. */
import { invalidRequest } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { NATS_PORT, type NatsAddress, type NatsServer } from "../core/pool/nats_address.ts";

/** One token of a subject, without NATS' special characters. */
const POOL = /^[A-Za-z0-9_-]{1,64}$/;
const FILES = ["creds", "ca", "cert", "key"] as const;
const EXAMPLE = "nats://127.0.0.1:4222/pool";

/** @throws ConnectorError `address.invalid`, in which no credential is shown. */
export function parseNatsAddress(text: string): NatsAddress {
  const [, scheme, info, hosts = "", pool, query = ""] =
    /^(nats|tls):\/\/(?:([^@/?#]*)@)?([^/?#@]*)(?:\/([^/?#]*)\/?)?(?:\?([^#]*))?$/.exec(text) ?? [];
  const shown = `${scheme ?? "nats"}://${hosts}${pool === undefined ? "" : `/${pool}`}`;
  if (scheme === undefined) {
    // What is wrong may be the password, so nothing of it is repeated.
    throw bad(
      "nats://…",
      `write ${EXAMPLE}; in a user name or password, write @ / ? # as %40 %2F %3F %23`,
    );
  }
  if (pool === undefined || pool === "") {
    throw bad(shown, `add the name of the pool, for example ${scheme}://${hosts || "host"}/pool`);
  }
  if (!POOL.test(pool)) {
    throw bad(shown, "the name of a pool has 1 to 64 letters, digits, - and _");
  }
  return {
    kind: "nats",
    tls: scheme === "tls",
    servers: hosts.split(",").map((host) => server(host, shown)),
    pool,
    ...(info !== undefined && info !== "" && credentials(info, shown)),
    ...files(query, shown),
  };
}

function server(text: string, shown: string): NatsServer {
  const [, host, digits] = /^(\[[0-9a-fA-F:.%]+\]|[^\s:[\]]+)(?::(\d+))?$/.exec(text) ?? [];
  if (host === undefined) {
    throw bad(shown, `write host or host:port between the commas, as in ${EXAMPLE}`);
  }
  const port = digits === undefined ? NATS_PORT : Number(digits);
  if (port < 1 || port > 65_535) {
    throw bad(shown, `the port is ${digits}, it must be from 1 to 65535`);
  }
  return { host: host.startsWith("[") ? host.slice(1, -1) : host, port };
}

function credentials(
  info: string,
  shown: string,
): Pick<NatsAddress, "user" | "password" | "token"> {
  const [first = "", ...rest] = info.split(":");
  try {
    if (rest.length === 0) return { token: decodeURIComponent(first) };
    return { user: decodeURIComponent(first), password: decodeURIComponent(rest.join(":")) };
  } catch {
    throw bad(
      shown,
      "the user name or password has a % that is not followed by two hex digits; write %25",
    );
  }
}

function files(query: string, shown: string): Pick<NatsAddress, (typeof FILES)[number]> {
  const found: { [Name in (typeof FILES)[number]]?: string } = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const known = FILES.find((one) => one === name);
    if (known === undefined) {
      throw bad(
        shown,
        `${JSON.stringify(name)} is not known after the ?.${didYouMean(name, FILES)} Known: ${
          FILES.join(", ")
        }, each the path of a file`,
      );
    }
    if (value === "") throw bad(shown, `${name} is empty: give the path of a file`);
    found[known] = value;
  }
  if ((found.cert === undefined) !== (found.key === undefined)) {
    throw bad(shown, "cert and key belong together: give both or none");
  }
  return found;
}

function bad(shown: string, right: string): Error {
  return invalidRequest(
    "address.invalid",
    `Bad runtime address ${JSON.stringify(shown)}: ${right}`,
  );
}
