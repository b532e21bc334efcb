/** A daemon sends its spans to a collector when the OTEL_* variables say so. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { RuntimeClient } from "../../../mod.ts";
import { formatAddress } from "../../../src/transport/address.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";
import { startDaemonProcess } from "../support/daemon_process.ts";

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: unknown }[] };
    readonly scopeSpans: readonly { readonly spans: readonly Sent[] }[];
  }[];
}
interface Sent {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

let upstream: UpstreamServer;
let collector: Server;
const exported: Export[] = [];

beforeAll(async () => {
  upstream = await startUpstream();
  collector = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (piece: string) => text += piece).on("end", () => {
      if (request.url === "/v1/traces") exported.push(JSON.parse(text) as Export);
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  collector.close();
  await upstream.close();
});

describe("the spans of a daemon", () => {
  for (const name of OWN_SHARE) {
    const { missing } = runtime(name);
    test.skipIf(missing !== undefined)(titled(`on ${name}`, missing), async () => {
      exported.length = 0;
      const { port } = collector.address() as AddressInfo;
      const daemon = await startDaemonProcess(
        name,
        ["--listen", "tcp://127.0.0.1:0", "--allow", `127.0.0.1:${upstream.port}`],
        {
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        },
      );
      const traceId = "0af7651916cd43dd8448eb211c80319c";
      try {
        await using client = new RuntimeClient({
          address: daemon.addresses.map(formatAddress).join(),
        });
        const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
        await client.executeHTTP({ url: `${upstream.url}/json`, traceparent });
        daemon.signal("SIGTERM");
        expect(await daemon.exit).toBe(0);
      } finally {
        await daemon.kill();
      }
      const spans = exported.flatMap(({ resourceSpans }) => resourceSpans).flatMap((resource) => {
        const service = resource.resource.attributes.find(({ key }) => key === "service.name");
        expect(service?.value).toEqual({ stringValue: "vastar-runtime" });
        return resource.scopeSpans.flatMap(({ spans }) => spans);
      });
      const [attempt, served] = [3, 2].map((kind) => spans.find((span) => span.kind === kind));
      expect(served).toMatchObject({ name: "GET", traceId, parentSpanId: "b7ad6b7169203331" });
      expect(attempt).toMatchObject({ name: "GET", traceId, parentSpanId: served?.spanId });
    }, 60_000);
  }
});
