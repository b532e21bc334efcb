import { readFileSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import {
  encodePayload,
  executeRequest,
  executeResponse,
  FrameReader,
  MessageType,
} from "../../../src/wire/mod.ts";

interface Vector {
  name: string;
  direction: string;
  hex: string;
}

const { vectors } = JSON.parse(
  readFileSync(new URL("../../fixtures/wire-vectors.json", import.meta.url), "utf8"),
) as {
  vectors: Vector[];
};

function frames(hex: string): { type: number; payload: Uint8Array }[] {
  const found: { type: number; payload: Uint8Array }[] = [];
  const reader = new FrameReader((type, payload) => found.push({ type, payload: payload.slice() }));
  reader.push(Uint8Array.fromHex(hex));
  expect(reader.truncated).toBe(false);
  return found;
}

function vector(start: string): Uint8Array {
  const [frame] = frames(vectors.find((v) => v.name.startsWith(start))!.hex);
  return frame!.payload;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("recorded frames of the existing client and daemon", () => {
  test("a GET request", () => {
    const request = executeRequest.decode(vector("execute request, GET"));
    expect(request.tenantId).toBe("acme");
    expect(request.workspaceId).toBe("prod");
    expect(request.connector).toBe("http");
    expect(request.operation).toBe("request");
    expect(request.requestId > 0n).toBe(true);
    expect(request.deadlineAtMs).toBeGreaterThan(1_700_000_000_000);
    expect(JSON.parse(text(request.payload))).toEqual({
      method: "GET",
      url: "http://127.0.0.1:18080/json",
    });
  });

  test("a POST request with header, UTF-8 body and trace id", () => {
    const request = executeRequest.decode(vector("execute request, POST"));
    expect(request.traceId).toBe("trace-1");
    expect(JSON.parse(text(request.payload))).toEqual({
      method: "POST",
      url: "http://127.0.0.1:18080/echo",
      headers: { "content-type": "text/plain" },
      body: "héllo",
    });
  });

  test("a response that failed", () => {
    const responses = vectors.filter((v) => v.name === "its response, error class Transient");
    const response = executeResponse.decode(frames(responses[0]!.hex)[0]!.payload);
    expect(response.errorClass).toBe(1);
    expect(response.errorMessage).toContain("HTTP request failed");
  });

  test("the answer to garbage has request id 0 and class InvalidRequest", () => {
    const response = executeResponse.decode(vector("the existing daemon's answer"));
    expect(response.requestId).toBe(0n);
    expect(response.errorClass).toBe(5);
    expect(response.errorMessage).toBe("Invalid FlatBuffers message");
  });

  for (const { name, hex } of vectors) {
    test(`re-encodes to the same meaning: ${name}`, () => {
      const [frame] = frames(hex);
      if (frame!.type === MessageType.ExecuteRequest) {
        const message = executeRequest.decode(frame!.payload);
        expect(executeRequest.decode(encodePayload(executeRequest, message))).toEqual(message);
      } else {
        expect(frame!.type).toBe(MessageType.ExecuteResponse);
        const message = executeResponse.decode(frame!.payload);
        expect(executeResponse.decode(encodePayload(executeResponse, message))).toEqual(message);
      }
    });
  }
});
