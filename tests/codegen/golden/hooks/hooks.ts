/** What the spec beside it names. */
import type {
  AccumulateHook,
  AuthHook,
  RequestHook,
  ResponseHook,
} from "../../../../src/connector/mod.ts";

export const sign: AuthHook = (request, config) => {
  request.headers["x-signed-by"] = String(config["key"]);
};

export const prepare: RequestHook = (request) => {
  request.headers["x-prepared"] = "yes";
};

export const unwrap: ResponseHook = (value) => value;

export const sum: AccumulateHook = (value, item) => Number(value ?? 0) + Number(item);
