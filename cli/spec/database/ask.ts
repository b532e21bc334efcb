/** Asks a database through the engine, as a call does. */
import type { StatementBody } from "../../../src/core/database/body.ts";
import type { RuntimeClient } from "../../../src/client/runtime_client.ts";

export async function askDatabase(
  client: RuntimeClient,
  url: string,
  body: StatementBody,
): Promise<unknown> {
  const reply = await client.call({
    connector: "generate",
    operation: "describe",
    method: "POST",
    url,
    headers: [["content-type", "application/json"]],
    body: new TextEncoder().encode(JSON.stringify(body)),
  });
  return await new Response(reply.body as BodyInit).json();
}
