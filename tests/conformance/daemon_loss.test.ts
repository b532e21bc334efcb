/** What a program sees when the daemon behind it dies and comes back. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ErrorClass } from "../../mod.ts";
import { startUpstream, type UpstreamServer } from "../support/upstream.ts";
import { failure, within } from "./context.ts";
import { DaemonProcess, type Host, startHost } from "./hosts.ts";

for (const name of ["unix", "tcp"] as const) {
  describe(`a killed daemon behind ${name}:`, () => {
    let upstream: UpstreamServer;
    let host: Host;
    let revived: DaemonProcess | undefined;
    beforeAll(async () => {
      upstream = await startUpstream();
      host = await startHost(name, [`127.0.0.1:${upstream.port}`]);
    });
    afterAll(async () => {
      await host.stop();
      revived?.kill();
      await revived?.exited;
      await upstream.close();
    });

    test("ends calls and streams at once, and is reconnected to when it is back", async () => {
      const client = host.client();
      const stream = await client.streamHTTP({ url: `${upstream.url}/hang-mid` });
      const reader = stream.body.getReader();
      await reader.read();
      const waiting = failure(client.executeHTTP({ url: `${upstream.url}/hang` }));
      const upload = failure(client.executeHTTP({
        method: "POST",
        url: `${upstream.url}/stall`,
        body: new ReadableStream<Uint8Array>({
          pull: (controller) => controller.enqueue(new Uint8Array(60_000)),
        }),
      }));
      await upstream.request("/hang");
      host.daemon!.kill();

      const lost = { errorClass: ErrorClass.Transient, code: "connection.lost" };
      expect(await within(failure(reader.read()), "the end of the stream")).toMatchObject({
        ...lost,
        sent: "committed",
      });
      expect(await within(waiting, "the end of the call")).toMatchObject({
        ...lost,
        sent: "maybe",
      });
      expect(await within(upload, "the end of the upload")).toMatchObject(lost);
      await host.daemon!.exited;

      const refused = await failure(client.executeHTTP({ url: `${upstream.url}/json` }));
      expect(refused).toMatchObject({ errorClass: ErrorClass.Transient, sent: "no" });
      expect(refused.code).toMatch(/^connect\./);

      const allow = [`127.0.0.1:${upstream.port}`];
      revived = await DaemonProcess.start(host.address, { egress: { allow } });
      expect(revived.address).toBe(host.address);
      const responses = await Promise.all(
        [1, 2, 3].map(() => client.executeHTTP({ url: `${upstream.url}/json` })),
      );
      expect(responses.map((response) => response.statusCode)).toEqual([200, 200, 200]);
    });
  });
}
