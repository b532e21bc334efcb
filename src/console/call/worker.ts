/** What the worker is asked besides calls. */
import type {
  ConnectorDescription,
  ConnectorSummary,
  OperationDescription,
} from "../../worker/describe.ts";
import type { Figures } from "../../worker/figures/figures.ts";
import type { Problem } from "../../worker/problem/problem.ts";
import { type McpMode, modeOf } from "../code/mcp.ts";

/** The key, as long as the tab is open. It is in no URL. */
const KEY = "vastar.key";

export class Refused extends Error {
  readonly problem: Pick<Problem, "status" | "code" | "detail">;

  constructor(problem: Pick<Problem, "status" | "code" | "detail">) {
    super(problem.detail);
    this.problem = problem;
  }

  get wantsKey(): boolean {
    return this.problem.status === 401;
  }
}

export class WorkerClient {
  /** With a slash at its end. */
  readonly base: string;
  /** Of the latest answer: what is left of the tenant's requests. */
  rateLimit: { readonly left: number; readonly of: number } | undefined;
  readonly #connectors = new Map<string, Promise<ConnectorDescription>>();
  readonly #operations = new Map<string, Promise<OperationDescription>>();

  constructor(base: string) {
    this.base = base;
  }

  get key(): string | undefined {
    return sessionStorage.getItem(KEY) ?? undefined;
  }

  set key(key: string | undefined) {
    if (key === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, key);
    this.#connectors.clear();
    this.#operations.clear();
  }

  get headers(): Record<string, string> {
    return this.key === undefined ? {} : { authorization: `Bearer ${this.key}` };
  }

  async connectors(): Promise<readonly ConnectorSummary[]> {
    const { connectors } = await this.#get<{ connectors: ConnectorSummary[] }>("connectors");
    return connectors;
  }

  connector(id: string): Promise<ConnectorDescription> {
    return this.#once(this.#connectors, id);
  }

  operation(connector: string, id: string): Promise<OperationDescription> {
    return this.#once(this.#operations, `${connector}/${id}`);
  }

  /** Undefined where the worker has none. */
  async figures(): Promise<Figures | undefined> {
    return await this.#get<Figures>("figures").catch(orNone);
  }

  /** Undefined where the worker offers nothing to agents. */
  async mcpMode(): Promise<McpMode | undefined> {
    const version = "2026-07-28";
    const meta = "io.modelcontextprotocol/";
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/list",
      params: {
        _meta: {
          [`${meta}protocolVersion`]: version,
          [`${meta}clientInfo`]: { name: "console", version: "1" },
          [`${meta}clientCapabilities`]: {},
        },
      },
    });
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": version,
      "mcp-method": "tools/list",
    };
    const listed = await this.#get<unknown>("mcp", { method: "POST", body, headers }).catch(orNone);
    return listed === undefined ? undefined : modeOf(listed);
  }

  #once<T>(kept: Map<string, Promise<T>>, path: string): Promise<T> {
    const found = kept.get(path) ?? this.#get<T>(`connectors/${path}`).catch((error: unknown) => {
      kept.delete(path);
      throw error;
    });
    kept.set(path, found);
    return found;
  }

  async #get<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers = { ...init.headers as Record<string, string>, ...this.headers };
    const response = await fetch(this.base + path, { ...init, headers });
    this.#note(response.headers);
    if (response.ok) return await response.json() as T;
    const problem = await response.json().catch(() => ({})) as Partial<Problem>;
    throw new Refused({
      status: response.status,
      code: problem.code ?? "",
      detail: problem.detail ?? `The worker answered with status ${response.status}.`,
    });
  }

  #note(headers: Headers): void {
    const left = /;r=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1];
    const of = /;q=(\d+)/.exec(headers.get("ratelimit-policy") ?? "")?.[1];
    this.rateLimit = left === undefined || of === undefined
      ? undefined
      : { left: Number(left), of: Number(of) };
  }
}

function orNone(error: unknown): undefined {
  if (error instanceof Refused && error.problem.status === 404) return undefined;
  throw error;
}
