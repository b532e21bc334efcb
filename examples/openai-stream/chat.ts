/** One question to an OpenAI-compatible API, through the runtime. */
import {
  type HTTPRequest,
  type HTTPResponse,
  HTTPResponseHelper,
  type RuntimeClient,
  SSEParser,
} from "../../mod.ts";

/** Where the API is, and what it wants to know. */
export interface Api {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
  readonly usage?: { readonly total_tokens: number };
}

export class Chat {
  readonly #client: RuntimeClient;
  readonly #api: Api;

  constructor(client: RuntimeClient, api: Api) {
    this.#client = client;
    this.#api = api;
  }

  /** The pieces of the answer as they arrive. Leaving the loop ends the call. */
  async *stream(question: string): AsyncGenerator<string> {
    const response = await this.#client.streamHTTP(this.#request(question, true));
    if (!HTTPResponseHelper.is2xx(response)) {
      throw new Error(refusal(response.statusCode, await response.text()));
    }
    yield* SSEParser.parseStreamAsync(response.body);
  }

  /** The whole answer, whether the API sends it as JSON or as events. */
  async ask(question: string): Promise<string> {
    const response = await this.send(question);
    const type = HTTPResponseHelper.getHeader(response, "Content-Type") ?? "";
    if (type.includes("text/event-stream")) return SSEParser.parseStream(response.text());
    return response.json<Completion>().choices[0]?.message.content ?? "";
  }

  /** The API's answer as it is. */
  async send(question: string): Promise<HTTPResponse> {
    const response = await this.#client.executeHTTP(this.#request(question, false));
    if (HTTPResponseHelper.is2xx(response)) return response;
    throw new Error(refusal(response.statusCode, response.text()));
  }

  #request(question: string, stream: boolean): HTTPRequest {
    return {
      method: "POST",
      url: `${this.#api.baseUrl}/v1/chat/completions`,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${this.#api.apiKey}`,
      },
      body: JSON.stringify({
        model: this.#api.model,
        stream,
        messages: [{ role: "user", content: question }],
      }),
    };
  }
}

function refusal(status: number, body: string): string {
  let message = body.slice(0, 200);
  try {
    message = (JSON.parse(body) as { error: { message: string } }).error.message;
  } catch {
    // Not the API's own error format: the text itself says more.
  }
  return `HTTP ${status}: ${message}`;
}
