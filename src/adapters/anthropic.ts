/**
 * Anthropic through a runtime, by the official package `@anthropic-ai/sdk`, which a program installs itself.
 *
 * ```ts
 * import { AnthropicAdapter } from "@vastar/connector/adapters/anthropic";
 *
 * await using anthropic = new AnthropicAdapter({ model: "claude-haiku-4-5" });
 * console.log(await anthropic.complete("2+2"));
 * ```
 *
 * @module
 */
import Anthropic from "@anthropic-ai/sdk";
import { type Adapter, AdapterBase, type AdapterOptions, type PromptOptions } from "./adapter.ts";

export type { Adapter, AdapterOptions, PromptOptions };

export class AnthropicAdapter implements Adapter {
  readonly #base: AdapterBase;
  readonly #anthropic: Anthropic;

  /** The key is `apiKey`, else `ANTHROPIC_API_KEY`. */
  constructor(options: AdapterOptions = {}) {
    this.#base = new AdapterBase(options, "ANTHROPIC_API_KEY");
    const { apiKey, client } = this.#base;
    const { baseURL } = options;
    // The runtime handles retries and time limits.
    const fixed = { apiKey, fetch: client.fetch, maxRetries: 0, timeout: NEVER_MS };
    this.#anthropic = new Anthropic(baseURL === undefined ? fixed : { ...fixed, baseURL });
  }

  async complete(prompt: string, options: PromptOptions = {}): Promise<string> {
    const { signal } = options;
    try {
      const request = this.#request(prompt, options);
      const answer = await this.#anthropic.messages.create(request, { signal });
      return answer.content.map((block) => block.type === "text" ? block.text : "").join("");
    } catch (error) {
      throw this.#base.error(error, signal);
    }
  }

  async *stream(
    prompt: string,
    options: PromptOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    const { signal } = options;
    try {
      const request = { ...this.#request(prompt, options), stream: true as const };
      const events = await this.#anthropic.messages.create(request, { signal });
      for await (const event of events) {
        if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
          yield event.delta.text;
        }
      }
    } catch (error) {
      throw this.#base.error(error, signal);
    }
    // The package ends an aborted stream without an error.
    if (signal?.aborted) throw this.#base.error(signal.reason, signal);
  }

  async close(): Promise<void> {
    await this.#base.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #request(prompt: string, options: PromptOptions) {
    const { system, maxTokens = 4096, temperature } = options;
    return {
      model: this.#base.model(options),
      max_tokens: maxTokens,
      messages: [{ role: "user" as const, content: prompt }],
      ...(system !== undefined && { system }),
      ...(temperature !== undefined && { temperature }),
    };
  }
}

/** The longest time that a timer accepts. */
const NEVER_MS = 0x7fff_ffff;
