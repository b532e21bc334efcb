/** An API that repeats everything it was sent, in every way that APIs answer, to show what is removed from failures. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Buffer } from "node:buffer";
import type { AddressInfo } from "node:net";

export interface EchoingApi {
  readonly url: string;
  readonly port: number;
  /** Values of the headers and queries that carried credentials. */
  readonly credentials: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Where to look for credentials; the rest of a request is not secret. */
const CREDENTIALS =
  /^(?:authorization|cookie|x-(?:shop-key|signature|signed-with|made|template|amz-security-token))$/;

/** `echo` contains the request in every form, `plain` as it is. */
type Answer = (
  echo: string,
  response: ServerResponse,
  request: IncomingMessage,
  plain: string,
) => void;

function json(status: number, value: (echo: string) => unknown): Answer {
  return (echo, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value(echo)));
  };
}

function text(status: number, type: string, body: (echo: string) => string): Answer {
  return (echo, response) => {
    response.writeHead(status, { "content-type": type });
    response.end(body(echo));
  };
}

/** As APIs put it: the message, a code, and the whole request as an object. */
const details = (echo: string) => ({
  error: {
    message: `I do not like ${echo}`,
    code: echo.slice(-40),
    type: "invalid",
    echo: [{ [echo]: echo }],
  },
});

const ANSWERS: Readonly<Record<string, Answer>> = {
  "/400": json(400, details),
  "/401": json(401, details),
  "/429": json(429, details),
  "/500": text(
    500,
    "text/html",
    (echo) => `<h1>Broken</h1> ${echo.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}`,
  ),
  "/not-json": text(200, "application/json", (echo) => `${echo} is not JSON`),
  "/bare": (_, response, request) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      Object.entries(request.headers).filter(([name]) => CREDENTIALS.test(name)).map(([, value]) =>
        value
      ).join("") || request.url,
    );
  },
  "/headers": (echo, response) => {
    const value = encodeURIComponent(echo);
    response.writeHead(422, { "x-request-id": value, "x-echo": value, "set-cookie": `a=${value}` });
    response.end();
  },
  "/says-no": json(200, (echo) => ({ ok: false, reason: echo })),
  "/stream-error": text(
    200,
    "text/event-stream",
    (echo) => `data: {"a":1}\n\ndata: ${JSON.stringify(details(echo))}\n\n`,
  ),
  "/stream-bad": text(
    200,
    "text/event-stream",
    (echo) => `data: {"a":1}\n\ndata: ${echo.replaceAll("\n", " ")}\n\n`,
  ),
  "/stream-cut": text(200, "text/event-stream", (echo) => `data: ${JSON.stringify({ echo })}\n\n`),
  "/hang": () => {},
  "/reset": (_, response) => response.destroy(),
  "/redirect": (_echo, response, _request, plain) => {
    response.writeHead(302, { location: `/400?${encodeURIComponent(plain)}` });
    response.end();
  },
  "/redirect-nowhere": (_echo, response, _request, plain) => {
    response.writeHead(302, {
      location: `ftp://x.example/${encodeURIComponent(plain)}`,
    });
    response.end();
  },
  "/loop": (_, response) => {
    response.writeHead(302, { location: "/loop" });
    response.end();
  },
  "/token": json(
    200,
    () => ({ access_token: TOKEN, token_type: "bearer", refresh_token: REFRESH }),
  ),
  "/token-refused": json(400, (echo) => ({ error: "invalid_client", error_description: echo })),
  "/token-broken": text(500, "text/plain", (echo) => echo),
};

/** What the token endpoint issues. */
export const TOKEN: string = ["tk", "8b1f+66a0/c3d9e7", "=="].join("-");
export const REFRESH: string = ["rt", "0c5d9a3e71f2", "x"].join("-");

export async function startApi(): Promise<EchoingApi> {
  const credentials = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: string[] = [];
    request.setEncoding("latin1").on("data", (chunk: string) => chunks.push(chunk));
    request.on("end", () => {
      const values: string[] = [];
      for (const [name, value] of Object.entries(request.headers)) {
        if (CREDENTIALS.test(name)) values.push(String(value), String(value).replace(/^\S+ /, ""));
      }
      for (const value of values) credentials.add(value);
      const url = request.url ?? "/";
      const all = [url, decodeURIComponent(url), ...values, chunks.join("")];
      const forms = all.flatMap((value) => [
        value,
        encodeURIComponent(value),
        JSON.stringify(value),
        Buffer.from(value).toString("base64"),
        Buffer.from(value).toString("base64url"),
        Buffer.from(`x${value}`).toString("base64"),
        Buffer.from(value).toString("hex"),
      ]);
      const answer = ANSWERS[/^\/[\w-]+/.exec(url)?.[0] ?? ""];
      if (answer === undefined) throw new Error(`The test's API has no ${url}`);
      answer(forms.join(" "), response, request, all.join(" "));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    credentials,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
