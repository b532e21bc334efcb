/** Generated clients over HTTP: a server that records requests and answers as told. */
import { afterAll, beforeAll } from "bun:test";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { RuntimeClient } from "../../../src/client/mod.ts";

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type Answer = (seen: Seen, response: ServerResponse) => void;

export class Served {
  readonly seen: Seen[] = [];
  answer: Answer = (_, response) => response.writeHead(204).end();
  baseURL = "";
  #runtime: RuntimeClient | undefined;
  #server: Server | undefined;

  /** For the tests of the importing file. */
  static forThisFile(): Served {
    const served = new Served();
    beforeAll(() => served.#start());
    afterAll(() => served.#stop());
    return served;
  }

  /** Options of a generated client. */
  get options(): { readonly baseURL: string; readonly runtime: RuntimeClient } {
    if (this.#runtime === undefined) throw new Error("Asked for before the tests began");
    return { baseURL: this.baseURL, runtime: this.#runtime };
  }

  get last(): Seen {
    const last = this.seen.at(-1);
    if (last === undefined) throw new Error("No request came");
    return last;
  }

  json(body: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.answer = (_, response) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(
        JSON.stringify(body),
      );
  }

  text(body: string, status = 200, type = "text/plain"): void {
    this.answer = (_, response) => response.writeHead(status, { "content-type": type }).end(body);
  }

  async #start(): Promise<void> {
    this.#server = createServer((request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const one = { method, url, headers, body: Buffer.concat(chunks).toString("latin1") };
        this.seen.push(one);
        this.answer(one, response);
      });
    });
    const server = this.#server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    this.baseURL = `http://127.0.0.1:${port}`;
    this.#runtime = new RuntimeClient({
      address: "embedded:",
      engine: { egress: { allow: [`127.0.0.1:${port}`] } },
    });
  }

  async #stop(): Promise<void> {
    await this.#runtime?.close();
    const server = this.#server;
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  }
}

/** The parts of a multipart body: the headers of each on one line, and its content. */
export function partsOf({ headers, body }: Seen): { head: string; content: string }[] {
  const boundary = /boundary=(\S+)/.exec(String(headers["content-type"]))?.[1];
  return body.split(`--${boundary}`).slice(1, -1).map((part) => {
    const [head = "", ...content] = part.slice(2, -2).split("\r\n\r\n");
    return {
      head: head.replace("Content-Disposition: form-data; ", "").replaceAll("\r\n", "; "),
      content: content.join("\r\n\r\n"),
    };
  });
}
