/** Who makes a request, and what they may use. */
import { type Choice, choose, methodPattern, pattern } from "../../core/rules/choice.ts";
import type { OperationDefinition } from "../../connector/definition/definition.ts";

/** Lists of what may be used. `*` matches any characters. */
export interface Rules {
  /** By the id of the connector. */
  readonly connectors?: Choice;
  /** `openai.chat.completions.create`. */
  readonly operations?: Choice;
  /** HTTP methods of the operations: `GET`, `HEAD` and `QUERY` only read. */
  readonly methods?: Choice;
}

/** The identity behind a credential. */
export interface Grant extends Rules {
  readonly tenant: string;
  /** Names the credential, for logs and messages: the id of a key, the subject of a token. */
  readonly id: string;
}

export interface Caller {
  /** Empty without authentication. */
  readonly tenant: string;
  readonly id: string;
  /** Whether this caller may use the connector. */
  sees(connector: string): boolean;
  /** Why the caller may not use this operation; undefined: allowed. */
  refusal(connector: string, operation: OperationDefinition): string | undefined;
}

/** The caller without authentication. */
export const ANYONE: Caller = {
  tenant: "",
  id: "",
  sees: () => true,
  refusal: () => undefined,
};

/** The credential's lists and its tenant's must both allow a call. @throws ConnectorError `config.option`. */
export function callerOf(grant: Grant, ofTenant: Rules = {}): Caller {
  const [own, tenants] = [compile(grant), compile(ofTenant)];
  const { tenant, id } = grant;
  return {
    tenant,
    id,
    sees: (connector) => own.connector(connector) && tenants.connector(connector),
    refusal(connector, operation) {
      const by = own.refusal(connector, operation);
      if (by !== undefined) return `The credential "${id}" may not use the ${by}.`;
      const forTenant = tenants.refusal(connector, operation);
      return forTenant && `The tenant "${tenant}" may not use the ${forTenant}.`;
    },
  };
}

/** @throws ConnectorError `config.option` for invalid lists. */
export function checkRules(rules: Rules): void {
  compile(rules);
}

interface Compiled {
  connector(id: string): boolean;
  refusal(connector: string, operation: OperationDefinition): string | undefined;
}

function compile({ connectors, operations, methods }: Rules): Compiled {
  const byConnector = connectors && choose(connectors, pattern);
  const byOperation = operations && choose(operations, pattern);
  const byMethod = methods && choose(methods, methodPattern);
  return {
    connector: (id) => byConnector?.(id) === undefined,
    refusal(connector, { id, method }) {
      if (byConnector?.(connector)) return `connector "${connector}"`;
      if (byOperation?.(`${connector}.${id}`)) return `operation "${connector}.${id}"`;
      return byMethod?.(method.toUpperCase()) && `method ${method.toUpperCase()}`;
    },
  };
}
