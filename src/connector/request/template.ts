/** `"Bearer ${config.apiKey}"` as data: literal text and path lookups, no evaluation. */
import { select } from "../../sse/mod.ts";
import type { Template, TemplateLookup } from "../data/template.ts";

export type TemplateScope = { readonly [root: string]: unknown };

/** Undefined if a lookup has no value and no default. */
export function render(template: Template, scope: TemplateScope): string | undefined {
  let text = "";
  for (const part of template) {
    const value = typeof part === "string" ? part : lookup(part, scope);
    if (value === undefined) return undefined;
    text += value;
  }
  return text;
}

function lookup(part: TemplateLookup, scope: TemplateScope): string | undefined {
  const at = select(part.get, scope);
  if (at === undefined || at === null) return part.or;
  return typeof at === "string" ? at : String(at);
}

/** For templates that only look up configuration. */
export function renderConfig(
  template: Template,
  client: { readonly config: Readonly<Record<string, unknown>> },
): string | undefined {
  return render(template, { config: client.config });
}

/** The same as bytes: a body that is not text is signed as it is. */
export function renderBytes(template: Template, scope: TemplateScope): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const part of template) {
    const name = typeof part === "string" ? undefined : part.get.join(".");
    const value = name === "body"
      ? scope["body"]
      : name === "request.body"
      ? bodyOf(scope["request"])
      : undefined;
    const text = value instanceof Uint8Array ? value : render([part], scope);
    if (text === undefined) return undefined;
    parts.push(typeof text === "string" ? new TextEncoder().encode(text) : text);
  }
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bodyOf(request: unknown): unknown {
  return typeof request === "object" && request !== null && "body" in request
    ? request.body
    : undefined;
}
