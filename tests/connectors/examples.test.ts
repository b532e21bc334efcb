/** Every example of every connector, sent by its client and answered by its mock, returns what the spec says. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { findConnectors } from "../../cli/find_connectors.ts";
import { ConnectorError } from "../../src/core/errors.ts";
import { collect, rejection, serveMock } from "./support.ts";

const connectors = await findConnectors(join(import.meta.dirname, "../../connectors"));

async function outcome(
  invocation: ReturnType<(typeof connectors)[number]["invoke"]>,
): Promise<unknown> {
  switch (invocation.kind) {
    case "stream":
      return { events: await collect(invocation as unknown as AsyncIterable<unknown>) };
    case "pages":
      return { output: (await invocation as { data: unknown }).data };
    default:
      return { output: await invocation };
  }
}

for (const connector of connectors) {
  describe(`examples of ${connector.id}`, () => {
    for (const operation of connector.operations) {
      for (const example of operation.examples) {
        test(`${operation.id}: ${example.name}`, async () => {
          await using server = await serveMock(connector, { strict: true });
          const config = connector.config.filter((field) => !field.optional)
            .map(({ name, default: value }) => [name, value ?? "test"]);
          const client = connector.create({ ...Object.fromEntries(config), ...server.options });
          const result = outcome(
            connector.invoke(client, operation.id, example.input, { retries: 0 }),
          );
          const failure = example.status >= 400 ||
            (connector.id === "slack" && (example.output as { ok?: boolean }).ok === false);
          if (failure) {
            const error = await rejection(result);
            expect(error).toBeInstanceOf(ConnectorError);
            expect(error).toMatchObject({ status: example.status, body: example.output });
            expect(operation.errors.map(({ name }) => name)).toContain((error as Error).name);
          } else if (example.events !== undefined) {
            expect(await result).toEqual({ events: example.events });
          } else if (operation.result.kind === "json") {
            expect(await result).toEqual({ output: example.output });
          } else await result;
          expect(server.mock.requests().map((request) => request.example)).toEqual([example.name]);
          expect(server.mock.requests().map((request) => request.operation)).toEqual(
            [operation.id],
          );
        });
      }
    }
  });
}
