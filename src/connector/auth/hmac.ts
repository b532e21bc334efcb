/** Signs requests with a shared secret, as the spec describes. */
import { systemClock } from "../../core/clock.ts";
import { invalidRequest } from "../../core/errors.ts";
import {
  type BytesEncoding,
  encodeBytes,
  type HmacAlgorithm,
  hmacSign,
  signableBody,
  utf8,
} from "./crypto.ts";
import { holdsSecret, secretHeader } from "../request/secret_headers.ts";
import { render, renderBytes, renderConfig } from "../request/template.ts";
import type { AuthStep } from "../data/connector.ts";
import type { Template } from "../data/template.ts";

export interface HmacOptions {
  readonly algorithm: HmacAlgorithm;
  readonly secret: Template;
  /** The text to sign, made from `request.method`, `.path`, `.query`, `.body`, `timestamp`, `nonce` and `config.*`. */
  readonly sign: Template;
  readonly encoding: BytesEncoding;
  readonly header: string;
  readonly value: Template;
  /** Additional headers. */
  readonly extra?: readonly (readonly [name: string, value: Template])[];
}

export function hmac(options: HmacOptions): AuthStep {
  return {
    needs: [options.secret],
    headers: [options.header.toLowerCase()],
    async apply(request, client) {
      const secret = renderConfig(options.secret, client);
      if (secret === undefined) return;
      const url = new URL(request.url);
      const timestamp = String(Math.floor((client.options.clock ?? systemClock).now() / 1000));
      const nonce = crypto.randomUUID();
      const scope = {
        config: client.config,
        timestamp,
        nonce,
        request: {
          method: request.method,
          path: url.pathname + url.search,
          query: url.search.slice(1),
          body: needsBody(options.sign) ? signableBody(request.body) : undefined,
        },
      };
      const data = renderBytes(options.sign, scope);
      if (data === undefined) {
        throw invalidRequest("auth.sign", `${client.connector.id} lacks a value that it must sign`);
      }
      const signature = encodeBytes(
        await hmacSign(options.algorithm, utf8(secret), data),
        options.encoding,
      );
      const value = render(options.value, { ...scope, signature });
      if (value !== undefined) secretHeader(request, options.header, value, signature);
      for (const [name, template] of options.extra ?? []) {
        const text = render(template, { ...scope, signature });
        if (text === undefined) continue;
        if (holdsSecret(template, client.connector.config)) secretHeader(request, name, text);
        else request.headers[name.toLowerCase()] = text;
      }
    },
  };
}

function needsBody(template: Template): boolean {
  return template.some((part) => typeof part !== "string" && part.get.join(".") === "request.body");
}
