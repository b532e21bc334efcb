/** Calls to a database, as tests write them. */
import type { CallReply, ConnectorError, RuntimeClient } from "../../../mod.ts";
import { expect } from "bun:test";
import type { CommandBody, StatementBody } from "../../../src/core/database/body.ts";

export interface Asked {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly tenantId?: string;
  readonly connector?: string;
}

export function send(
  client: RuntimeClient,
  url: string,
  body: StatementBody | CommandBody | Record<string, unknown>,
  asked: Asked = {},
): Promise<CallReply> {
  return client.call({
    connector: "shop-db",
    operation: "test",
    method: "POST",
    url,
    headers: [],
    body: new TextEncoder().encode(JSON.stringify(body)),
    timeoutMs: 20_000,
    ...asked,
  });
}

/** The value in the answer. */
export async function ask(...given: Parameters<typeof send>): Promise<unknown> {
  const { body } = await send(...given);
  return JSON.parse(await textOf(body)) as unknown;
}

/** The rows of a stream. */
export async function rowsOf(...given: Parameters<typeof send>): Promise<unknown[]> {
  const { body } = await send(...given);
  const text = await textOf(body);
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as unknown);
}

export async function textOf(body: CallReply["body"]): Promise<string> {
  return body instanceof Uint8Array
    ? new TextDecoder().decode(body)
    : await new Response(body).text();
}

export async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown as ConnectorError);
  expect(error).toBeDefined();
  return error as ConnectorError;
}
