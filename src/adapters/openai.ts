/**
 * OpenAI through a runtime, by the official package `openai`, which a program installs itself.
 *
 * ```ts
 * import { OpenAIAdapter } from "@vastar/connector/adapters/openai";
 *
 * await using openai = new OpenAIAdapter({ model: "gpt-4o-mini" });
 * for await (const text of openai.stream("2+2")) console.log(text);
 * ```
 *
 * @module
 */
import OpenAI from "openai";
import { type Adapter, AdapterBase, type AdapterOptions, type PromptOptions } from "./adapter.ts";

export type { Adapter, AdapterOptions, PromptOptions };

export class OpenAIAdapter implements Adapter {
  readonly #base: AdapterBase;
  readonly #openai: OpenAI;

  /** The key is `apiKey`, else `OPENAI_API_KEY`. */
  constructor(options: AdapterOptions = {}) {
    this.#base = new AdapterBase(options, "OPENAI_API_KEY");
    const { apiKey, client } = this.#base;
    const { baseURL } = options;
    // The runtime handles retries and time limits.
    const fixed = { apiKey, fetch: client.fetch, maxRetries: 0, timeout: NEVER_MS };
    this.#openai = new OpenAI(baseURL === undefined ? fixed : { ...fixed, baseURL });
  }

  async complete(prompt: string, options: PromptOptions = {}): Promise<string> {
    const { signal } = options;
    try {
      const request = this.#request(prompt, options);
      const answer = await this.#openai.chat.completions.create(request, { signal });
      return answer.choices[0]?.message.content ?? "";
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
      const chunks = await this.#openai.chat.completions.create(request, { signal });
      for await (const chunk of chunks) {
        const text = chunk.choices[0]?.delta.content;
        if (text) yield text;
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
    const { system, maxTokens, temperature } = options;
    const user = { role: "user" as const, content: prompt };
    return {
      model: this.#base.model(options),
      messages: system === undefined
        ? [user]
        : [{ role: "system" as const, content: system }, user],
      ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
      ...(temperature !== undefined && { temperature }),
    };
  }
}

/** The longest time that a timer accepts. */
const NEVER_MS = 0x7fff_ffff;
