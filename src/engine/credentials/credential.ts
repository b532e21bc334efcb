/** An API secret that the engine adds to calls: to which ones, and where. */
import { toBase64 } from "../../core/bytes.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { CallRequest } from "../../core/call.ts";
import type { AllowRule } from "../../http/allow.ts";
import { hostOf, namesHost, parseHostRule } from "../../http/hosts.ts";
import { pattern } from "../../core/rules/choice.ts";

/** Placeholder for the secret in templates. */
export const PLACE_OF_SECRET = "${secret}";

export interface CredentialOptions {
  /** Its name in messages. */
  readonly name: string;
  readonly secret: string;
  /** Ids of the connectors whose calls get it, `http` for raw ones; `*` matches any characters. */
  readonly connectors: readonly string[];
  /** Hosts that get it: `HOST`, `HOST:PORT`, `*.DOMAIN` or an address; over https, or http on loopback. */
  readonly hosts: readonly string[];
  /** Tenants whose calls get it; `*` matches any characters. Default: all. */
  readonly tenants?: readonly string[];
  /** Values containing `${secret}`, by header name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The same for query parameters. */
  readonly query?: Readonly<Record<string, string>>;
  /** `USER:${secret}`, as `authorization: Basic …`. */
  readonly basic?: string;
  /** Hosts get it over http too: for networks that nobody else can listen to. Default: false. */
  readonly plainHttp?: boolean;
}

type Field = readonly [name: string, value: string];

export class Credential {
  readonly name: string;
  readonly headers: readonly Field[];
  readonly query: readonly Field[];
  readonly plainHttp: boolean;
  /** The secret, and derived forms that do not show it plainly. */
  readonly secrets: readonly string[];
  /** Connectors named without wildcards. */
  readonly connectors: readonly string[];
  readonly #forConnector: readonly ((id: string) => boolean)[];
  readonly #forTenant: readonly ((id: string) => boolean)[] | undefined;
  readonly #hosts: readonly AllowRule[];

  /** @throws ConnectorError `config.option`, `config.allow_rule`. */
  constructor(options: CredentialOptions) {
    const { name, secret, basic } = options;
    const fault = (what: string): never => {
      throw invalidRequest("config.option", `the credential ${name} ${what}`);
    };
    const fields = (given: Readonly<Record<string, string>> = {}, lower: boolean): Field[] =>
      Object.entries(given).map(([field, template]) => {
        if (!template.includes(PLACE_OF_SECRET)) {
          fault(`has no ${PLACE_OF_SECRET} in the value of ${field}`);
        }
        // Not as a text: in one, `$$` and `$&` of the secret would mean something else.
        const value = template.replaceAll(PLACE_OF_SECRET, () => secret);
        return [lower ? field.toLowerCase() : field, value];
      });
    // A line feed would start another header.
    if (!/^[\x20-\x7e\x80-\xff]+$/.test(secret)) {
      fault("is empty, or has characters that no header can carry: line feeds, for example");
    }
    this.name = name;
    this.plainHttp = options.plainHttp ?? false;
    this.query = fields(options.query, false);
    const headers = fields(options.headers, true);
    const made: string[] = [];
    if (basic !== undefined) {
      const user = fields({ basic }, true)[0]?.[1] ?? "";
      const encoded = toBase64(new TextEncoder().encode(user));
      headers.push(["authorization", `Basic ${encoded}`]);
      made.push(encoded);
    }
    if (headers.length + this.query.length === 0) {
      fault("does not say where it goes: give headers, query or basic");
    }
    this.headers = headers;
    this.secrets = [secret, ...made];
    this.connectors = options.connectors.filter((id) => !id.includes("*"));
    this.#forConnector = options.connectors.map(pattern);
    this.#forTenant = options.tenants?.map(pattern);
    this.#hosts = options.hosts.map((entry) => {
      const rule = parseHostRule(entry);
      return /^\*(:|$)/.test(entry)
        ? fault(`is for ${entry}, which is every host: name the hosts`)
        : rule;
    });
  }

  isFor({ tenantId, connector }: CallRequest, url: URL): boolean {
    if (!this.#forConnector.some((fits) => fits(connector))) return false;
    if (this.#forTenant && !this.#forTenant.some((fits) => fits(tenantId))) return false;
    const host = hostOf(url);
    return this.#hosts.some((rule) => namesHost(rule, host));
  }
}
