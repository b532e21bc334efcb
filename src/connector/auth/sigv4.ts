/** AWS Signature Version 4. */
import { systemClock } from "../../core/clock.ts";
import { encodeBytes, hmacSign, sha256, signableBody, utf8 } from "./crypto.ts";
import { secretHeader } from "../request/secret_headers.ts";
import { renderConfig } from "../request/template.ts";
import type { AuthStep } from "../data/connector.ts";
import type { OutgoingRequest } from "../data/request.ts";
import type { Template } from "../data/template.ts";

export interface SigV4Options {
  readonly accessKeyId: Template;
  readonly secretAccessKey: Template;
  readonly sessionToken?: Template;
  readonly region: Template;
  readonly service: string;
}

export interface SigV4Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly region: string;
  readonly service: string;
}

export function awsSigV4(options: SigV4Options): AuthStep {
  return {
    needs: [options.accessKeyId, options.secretAccessKey, options.region],
    async apply(request, client) {
      const accessKeyId = renderConfig(options.accessKeyId, client);
      const secretAccessKey = renderConfig(options.secretAccessKey, client);
      const region = renderConfig(options.region, client);
      if (accessKeyId === undefined || secretAccessKey === undefined || region === undefined) {
        return;
      }
      const sessionToken = options.sessionToken && renderConfig(options.sessionToken, client);
      const now = new Date((client.options.clock ?? systemClock).now());
      await signV4(request, {
        accessKeyId,
        secretAccessKey,
        region,
        sessionToken,
        service: options.service,
      }, now);
    },
  };
}

/** Adds `x-amz-date`, `authorization` and what they need. */
export async function signV4(request: OutgoingRequest, keys: SigV4Keys, now: Date): Promise<void> {
  const url = new URL(request.url);
  const stamp = now.toISOString().replace(/[:-]|\.\d{3}/g, "");
  const day = stamp.slice(0, 8);
  const { headers } = request;
  headers["x-amz-date"] = stamp;
  if (keys.sessionToken !== undefined) {
    secretHeader(request, "x-amz-security-token", keys.sessionToken);
  }
  // S3 accepts a body that has not been hashed; the others require its hash.
  const streamed = request.body instanceof ReadableStream && keys.service === "s3";
  const hash = streamed ? "UNSIGNED-PAYLOAD" : hex(await sha256(signableBody(request.body)));
  if (keys.service === "s3") headers["x-amz-content-sha256"] = hash;
  const signed: Record<string, string> = { host: url.host };
  for (const name of Object.keys(headers)) {
    if (name.startsWith("x-amz-") || name === "content-type") {
      signed[name] = (headers[name] ?? "").trim().replace(/ +/g, " ");
    }
  }
  const names = Object.keys(signed).sort();
  const canonical = [
    request.method,
    canonicalPath(url.pathname, keys.service),
    canonicalQuery(url.search),
    ...names.map((name) => `${name}:${signed[name]}`),
    "",
    names.join(";"),
    hash,
  ].join("\n");
  const scope = `${day}/${keys.region}/${keys.service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", stamp, scope, hex(await sha256(utf8(canonical)))].join("\n");
  let key: Uint8Array = utf8(`AWS4${keys.secretAccessKey}`);
  for (const part of [day, keys.region, keys.service, "aws4_request"]) {
    key = await hmacSign("sha256", key, utf8(part));
  }
  const signature = hex(await hmacSign("sha256", key, utf8(text)));
  secretHeader(
    request,
    "authorization",
    `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${
      names.join(";")
    }, Signature=${signature}`,
    signature,
  );
}

function hex(bytes: Uint8Array): string {
  return encodeBytes(bytes, "hex");
}

/** Every service but S3 expects the path encoded once more than it is sent. */
function canonicalPath(path: string, service: string): string {
  return service === "s3" ? path : path.split("/").map(strictEncode).join("/");
}

function canonicalQuery(search: string): string {
  if (search.length <= 1) return "";
  return search.slice(1).split("&").filter((pair) => pair !== "").map((pair) => {
    const at = pair.indexOf("=");
    const [name, value] = at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    return [strictEncode(decode(name)), strictEncode(decode(value))] as const;
  }).sort(([a, b], [c, d]) => a < c ? -1 : a > c ? 1 : b < d ? -1 : b > d ? 1 : 0)
    .map(([name, value]) => `${name}=${value}`).join("&");
}

/** The URL of a next page comes from the API, and may contain a percent sign that encodes nothing. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    return text;
  }
}

function strictEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
