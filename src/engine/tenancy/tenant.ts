/** What one tenant may do, in the form that calls are checked against. */
import type { CallSignal } from "../../core/async/call_signal.ts";
import type { CallRequest } from "../../core/call.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { EgressGuard } from "../../http/egress.ts";
import { hostOf, type NamedHost, namesHost, parseHostRule } from "../../http/hosts.ts";
import type { Times } from "../times.ts";
import { choose, methodPattern, pattern, type Verdict } from "../../core/rules/choice.ts";
import { OTHERS, type TenantOptions } from "./tenant_options.ts";

type Kind = "connectors" | "operations" | "hosts" | "methods";

export interface TenantDeps {
  readonly guard: EgressGuard;
  readonly times: Times;
  readonly onDenied: () => void;
}

export class TenantPolicy {
  readonly times: Times;
  readonly #name: string;
  readonly #guard: EgressGuard;
  readonly #onDenied: () => void;
  readonly #connector: ((id: string) => Verdict) | undefined;
  readonly #operation: ((name: string) => Verdict) | undefined;
  readonly #host: ((host: NamedHost) => Verdict) | undefined;
  readonly #method: ((method: string) => Verdict) | undefined;

  constructor(name: string, options: TenantOptions, { guard, times, onDenied }: TenantDeps) {
    this.#name = name;
    this.#guard = guard;
    this.#onDenied = onDenied;
    this.times = times;
    const { connectors, operations, hosts, methods } = options;
    this.#connector = connectors && choose(connectors, pattern);
    this.#operation = operations && choose(operations, pattern);
    this.#method = methods && choose(methods, methodPattern);
    this.#host = hosts && choose(hosts, (entry) => {
      const rule = parseHostRule(entry);
      return (host: NamedHost) => namesHost(rule, host);
    });
  }

  /** @throws ConnectorError `tenant.denied`. */
  check(request: CallRequest): void {
    const { connector, operation } = request;
    const byConnector = this.#connector?.(connector);
    if (byConnector) throw this.#denied(request, "connectors", byConnector, connector);
    if (this.#operation === undefined) return;
    const name = `${connector}.${operation}`;
    const byOperation = this.#operation(name);
    if (byOperation) throw this.#denied(request, "operations", byOperation, name);
  }

  /** Where one hop of a call may connect. @throws ConnectorError `tenant.denied`, `egress.denied`, `dns.*`. */
  admit(
    request: CallRequest,
    url: URL,
    method: string,
    signal: CallSignal,
  ): ReturnType<EgressGuard["admit"]> {
    this.checkHop(request, url, method);
    return this.#guard.admit(url, signal, request.tenantId);
  }

  /** The same without the address: for what is not reached through a network. @throws ConnectorError `tenant.denied`. */
  checkHop(request: CallRequest, url: URL, method: string): void {
    if (this.#method !== undefined) {
      const upper = method.toUpperCase();
      const byMethod = this.#method(upper);
      if (byMethod) throw this.#denied(request, "methods", byMethod, upper);
    }
    const byHost = this.#host?.(hostOf(url));
    if (byHost) throw this.#denied(request, "hosts", byHost, url.host);
  }

  #denied({ tenantId }: CallRequest, kind: Kind, list: "allow" | "deny", what: string) {
    this.#onDenied();
    const key = `tenants.${this.#name}.${kind}`;
    const others = this.#name === OTHERS && tenantId !== OTHERS
      ? ", or give the tenant an entry of its own"
      : "";
    return new ConnectorError({
      errorClass: ErrorClass.Permanent,
      code: "tenant.denied",
      message: `the tenant ${shown(tenantId)} may not use the ${KINDS[kind]} ${shown(what)}: ${
        list === "deny" ? `it is in ${key}.deny` : `it is not in ${key}.allow`
      } of the runtime's configuration${others}`,
    });
  }
}

const KINDS: Readonly<Record<Kind, string>> = {
  connectors: "connector",
  operations: "operation",
  hosts: "host",
  methods: "method",
};
const MAX_SHOWN = 100;

function shown(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}
