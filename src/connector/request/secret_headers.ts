/** Which headers of a request hold secrets, and which origins must not get them. */
import { staysAtHome } from "../../http/credentials.ts";
import type { OutgoingRequest } from "../data/request.ts";
import type { ConfigFieldData } from "../data/connector.ts";
import type { Template } from "../data/template.ts";

/** `secret` is the part of the value that must not be shown. */
export function secretHeader(
  request: OutgoingRequest,
  name: string,
  value: string,
  secret: string = value,
): void {
  const key = name.toLowerCase();
  request.headers[key] = value;
  request.secretHeaders.add(key);
  request.secrets.push(secret);
}

/** Whether a rendered template contains a secret config field, or something derived from one. */
export function holdsSecret(template: Template, config: readonly ConfigFieldData[] = []): boolean {
  return template.some((part) => {
    if (typeof part === "string") return false;
    const [root, name] = part.get;
    return root === "signature" ||
      (root === "config" && config.some((field) => field.secret && field.name === name));
  });
}

/** They describe the message, never its sender. */
const HARMLESS = /^(?:accept|content|user-agent)(?:-|$)/;

/** A hook may derive a header from any secret, which cannot be seen: whatever it sets counts as secret. */
export async function runHook(
  request: OutgoingRequest,
  hook: () => void | Promise<void>,
): Promise<void> {
  const { url } = request;
  const before = { ...request.headers };
  await hook();
  if (request.url !== url) request.secrets.push(...addedToQuery(url, request.url));
  for (const [name, value] of Object.entries(request.headers)) {
    const key = name.toLowerCase();
    if (before[name] === value || HARMLESS.test(key)) continue;
    request.secretHeaders.add(key);
    request.secrets.push(...withoutScheme(value));
  }
}

/** Credentials that the caller set as headers. */
export function noteCredentials(
  request: OutgoingRequest,
  given: Readonly<Record<string, string | null>> = {},
): void {
  for (const [name, value] of Object.entries(given)) {
    if (value && staysAtHome(name.toLowerCase(), request.secretHeaders)) {
      request.secrets.push(...withoutScheme(value));
    }
  }
}

/** `Bearer x` and `x`. */
function withoutScheme(value: string): string[] {
  const [, rest] = /^[\w-]+ +(.+)$/.exec(value) ?? [];
  return rest === undefined ? [value] : [value, rest];
}

function addedToQuery(before: string, after: string): string[] {
  const known = new Set(URL.parse(before)?.searchParams.values());
  return [...URL.parse(after)?.searchParams.values() ?? []].filter((value) => !known.has(value));
}

/** For a request to a different origin than the API's. */
export function leaveSecretsAtHome({ headers, secretHeaders }: OutgoingRequest): void {
  for (const name of Object.keys(headers)) {
    if (staysAtHome(name.toLowerCase(), secretHeaders)) delete headers[name];
  }
}
