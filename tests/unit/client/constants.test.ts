import { expect, test } from "bun:test";
import { ErrorClass, errorClassName, MessageType, PROTOCOL_CONSTANTS } from "../../../mod.ts";

test("classes of errors have their names by number too, as an enum does", () => {
  const name: "RateLimited" = ErrorClass[3];
  expect(name).toBe("RateLimited");
  const numbers = Object.values(ErrorClass).map(Number);
  expect(numbers).toEqual([0, 1, 2, 3, 4, 5]);
  expect(numbers.map((number) => ErrorClass[number as ErrorClass])).toEqual(
    numbers.map(errorClassName),
  );
  // Lists of names are made of the keys.
  expect(Object.keys(ErrorClass)).toEqual(numbers.map(errorClassName));
});

test("the protocol has the numbers of the existing SDK", () => {
  expect(PROTOCOL_CONSTANTS).toEqual({
    FRAME_LENGTH_SIZE: 4,
    MESSAGE_TYPE_SIZE: 1,
    MAX_PAYLOAD_SIZE: 10_485_760,
    DEFAULT_TIMEOUT_MS: 60_000,
    DEFAULT_SOCKET_PATH: "/tmp/vastar-connector-runtime.sock",
    DEFAULT_TCP_HOST: "127.0.0.1",
    DEFAULT_TCP_PORT: 5000,
  });
  expect([MessageType.ExecuteRequest, MessageType.ExecuteResponse]).toEqual([0, 1]);
});
