/** What the adapters of official packages share: key, runtime, and converting their errors to ours. */
import { statusError } from "../api/status_error.ts";
import { defaultPlatform } from "../client/default_platform.ts";
import { RuntimeClient, type RuntimeClientOptions } from "../client/mod.ts";
import { toResponse } from "../client/response.ts";
import { ConnectorError, invalidRequest, toConnectorError } from "../core/errors.ts";
import { cancelled } from "../core/async/within.ts";

interface OwnOptions {
  /** Default: the variable that the official package reads. */
  readonly apiKey?: string | undefined;
  /** Default: that of the official package. */
  readonly baseURL?: string | undefined;
  /** Model of calls that do not name one. */
  readonly model?: string | undefined;
}

/** Either a client, which the adapter never closes, or the options of one that is created and closed with the adapter. */
export type AdapterOptions =
  | OwnOptions & { readonly client: RuntimeClient }
  | OwnOptions & RuntimeClientOptions & { readonly client?: undefined };

export interface PromptOptions {
  /** Default: the adapter's. */
  readonly model?: string | undefined;
  /** Instructions besides the prompt. */
  readonly system?: string | undefined;
  /** Most tokens of the answer. */
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A language model behind an official package. */
export interface Adapter extends AsyncDisposable {
  /** The whole answer. One call, which the package does not retry. */
  complete(prompt: string, options?: PromptOptions): Promise<string>;
  /** The answer, piece by piece. Leaving the loop ends the call. */
  stream(prompt: string, options?: PromptOptions): AsyncIterable<string>;
  /** Idempotent. A client that you passed stays open. */
  close(): Promise<void>;
}

/** Key and runtime of an adapter. */
export class AdapterBase {
  readonly apiKey: string;
  readonly client: RuntimeClient;
  readonly #ownsClient: boolean;
  readonly #model: string | undefined;

  /** Throws an InvalidRequest `config.missing` without a key. */
  constructor(options: AdapterOptions, variable: string) {
    const { apiKey, baseURL: _, model, client, ...runtime } = options;
    const env = (options.client === undefined ? options.platform : undefined) ?? defaultPlatform;
    const key = apiKey ?? env.env(variable);
    if (key === undefined || key === "") {
      throw invalidRequest(
        "config.missing",
        `The API key is missing: give \`apiKey\`, or set ${variable}`,
      );
    }
    this.apiKey = key;
    this.#model = model;
    this.#ownsClient = client === undefined;
    this.client = client ?? new RuntimeClient(runtime);
  }

  model(options: PromptOptions): string {
    const model = options.model ?? this.#model;
    if (model !== undefined) return model;
    throw invalidRequest(
      "config.missing",
      "The model is missing: give `model` to the call or adapter",
    );
  }

  async close(): Promise<void> {
    if (this.#ownsClient) await this.client.close();
  }

  /** Errors of the official packages by their status, others by what caused them. */
  error(error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return cancelled(signal, "maybe");
    if (isApiError(error)) return this.#statusError(error);
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      if (cause instanceof ConnectorError) return cause;
    }
    return toConnectorError(error, { origin: "upstream", sent: "maybe" });
  }

  #statusError({ status, headers, error }: OfficialError): ConnectorError {
    const body = new TextEncoder().encode(error === undefined ? "" : JSON.stringify(error));
    const requestId = headers.get("x-request-id") ?? headers.get("request-id") ?? "";
    const head = { requestId, status, headers: [...headers], attempts: 1, durationUs: 0 };
    const response = toResponse({ ...head, body }, body.length);
    if (response instanceof Promise) throw new Error("a whole body needs no waiting");
    return statusError(response, [["authorization", this.apiKey]]);
  }
}

/** What the official packages' errors have in common when there was an answer. */
interface OfficialError {
  readonly status: number;
  readonly headers: Headers;
  readonly error: unknown;
}

function isApiError(error: unknown): error is OfficialError {
  return error instanceof Error && "status" in error && typeof error.status === "number" &&
    "headers" in error && error.headers instanceof Headers;
}
