/** A program with nothing but the package `flatbuffers` and the tables of `./ipc` speaks with a daemon. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { Builder, ByteBuffer } from "flatbuffers";
import { MessageType } from "../../../mod.ts";
import { ErrorClass, ExecuteRequest, ExecuteResponse } from "../../../src/ipc/mod.ts";
import { createDaemon, createEngine, type Daemon, listen, platform } from "../../../src/runtime.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";

let upstream: UpstreamServer;
let daemon: Daemon;
let close: () => Promise<void>;
beforeAll(async () => {
  upstream = await startUpstream();
  const egress = { allow: [`${upstream.host}:${upstream.port}`] };
  const engine = createEngine({ egress }, { platform });
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  daemon = createDaemon({ listen: [address] }, { engine, listen });
  await daemon.start();
  close = () => engine.close();
});
afterAll(async () => {
  await daemon.stop();
  await close();
  await upstream.close();
});

/** As the existing SDK builds it. */
function request(url: string): Uint8Array {
  const builder = new Builder(256);
  const [tenant, connector, operation] = ["default", "http", "request"].map((text) =>
    builder.createString(text)
  );
  const payload = ExecuteRequest.createPayloadVector(
    builder,
    new TextEncoder().encode(JSON.stringify({ method: "GET", url, headers: {} })),
  );
  ExecuteRequest.startExecuteRequest(builder);
  ExecuteRequest.addRequestId(builder, 7n);
  ExecuteRequest.addTenantId(builder, tenant ?? 0);
  ExecuteRequest.addConnectorName(builder, connector ?? 0);
  ExecuteRequest.addOperation(builder, operation ?? 0);
  ExecuteRequest.addPayload(builder, payload);
  builder.finish(ExecuteRequest.endExecuteRequest(builder));
  const table = builder.asUint8Array();
  const frame = new Uint8Array(5 + table.length);
  new DataView(frame.buffer).setUint32(0, table.length + 1);
  frame[4] = MessageType.ExecuteRequest;
  frame.set(table, 5);
  return frame;
}

test("a request that the compiler's tables write, and a response that they read", async () => {
  const [address] = daemon.addresses;
  if (address?.kind !== "tcp") throw new Error("not TCP");
  const socket = connect(address.port, address.host);
  socket.write(request(`${upstream.url}/json`));
  let bytes = new Uint8Array(0);
  while (bytes.length < 5 || bytes.length < 4 + new DataView(bytes.buffer).getUint32(0)) {
    const [piece] = await once(socket, "data") as [Uint8Array];
    const both = new Uint8Array(bytes.length + piece.length);
    both.set(bytes);
    both.set(piece, bytes.length);
    bytes = both;
  }
  socket.destroy();
  expect(bytes[4]).toBe(MessageType.ExecuteResponse);
  const response = ExecuteResponse.getRootAsExecuteResponse(new ByteBuffer(bytes.subarray(5)));
  expect([response.requestId(), response.errorClass()]).toEqual([7n, ErrorClass.Success]);
  const answer = JSON.parse(new TextDecoder().decode(response.payloadArray() ?? undefined)) as {
    status_code: number;
  };
  expect(answer.status_code).toBe(200);
});
