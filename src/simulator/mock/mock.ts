/** Serves any connector from its examples: enough to build and test against without an account. */
import { type Clock, systemClock } from "../../core/clock.ts";
import { ConnectorError, invalidRequest } from "../../core/errors.ts";
import { withCors } from "../cors.ts";
import { createFaultPlan, type Fault, type FaultSource } from "../faults.ts";
import { readBytes } from "../input.ts";
import {
  answerWith,
  doesStream,
  errorBody,
  linkHome,
  pickExample,
  sampleAnswer,
} from "./answer.ts";
import { readInput } from "./input.ts";
import { createRoutes, prefixesOf } from "../../core/serve/routes.ts";
import { pause } from "../pause.ts";
import { sendAnswer } from "./send.ts";
import type { MockConnector, MockOperation, MockRequest } from "./types.ts";

export interface MockOptions {
  /** Path before the connector's own, such as `/mock/stripe`. Default: none. */
  readonly basePath?: string;
  /** Answer a request that matches no example with 501. Default: false, it gets the first example that succeeds. */
  readonly strict?: boolean;
  /** Milliseconds before an answer begins. Default: 0. */
  readonly firstChunkDelayMs?: number;
  /** Milliseconds before each item of a stream after the first. Default: 0. */
  readonly chunkDelayMs?: number;
  /** Faults used one per request, in order, then none; or a function that decides for each request. */
  readonly faults?: readonly Fault[] | FaultSource;
  /** Obey the `x-simulator-fault` header of requests. Default: true. */
  readonly faultHeader?: boolean;
  /** Largest request body in bytes. Default: 10 MiB. */
  readonly maxBodyBytes?: number;
  /** How many requests {@link Mock.requests} remembers. Default: 1,000. */
  readonly keepRequests?: number;
  /** Answers from elsewhere, such as a recording; examples are for what it does not know. */
  readonly replay?: MockReplay;
  /** Clock for the delays. Default: the system's. */
  readonly clock?: Clock;
}

/** `target` is path and query, as the API would get them. */
export type MockReplay = (
  asked: { readonly method: string; readonly target: string; readonly body: Uint8Array },
) => Promise<Response> | undefined;

export interface Mock {
  /** Answers one request. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /** What was received, oldest first. */
  requests(): readonly MockRequest[];
}

// The system clock's timers let the process end; a pending answer must keep it alive.
const liveClock: Clock = {
  ...systemClock,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
};

interface Handled {
  readonly response: Response;
  readonly operation?: string;
  readonly example?: string | undefined;
}

/**
 * A server for one connector, made from the `definition` that its generated code exports. The example whose input has the
 * most in common with a request answers it; where an operation has none, the smallest answer that fits its schema does.
 * Invalid options are refused with `mock.options`.
 */
export function createMock(connector: MockConnector, options: MockOptions = {}): Mock {
  const maxBytes = whole("maxBodyBytes", options.maxBodyBytes ?? 10 * 1024 * 1024, 1);
  const keep = whole("keepRequests", options.keepRequests ?? 1000, 0);
  const pace = {
    clock: options.clock ?? liveClock,
    firstDelayMs: whole("firstChunkDelayMs", options.firstChunkDelayMs ?? 0, 0),
    delayMs: whole("chunkDelayMs", options.chunkDelayMs ?? 0, 0),
  };
  const basePath = (options.basePath ?? "").replace(/\/+$/, "");
  const find = createRoutes(connector);
  const faultFor = createFaultPlan(options.faults ?? [], options.faultHeader ?? true);
  const requests: MockRequest[] = [];
  let number = 0;

  const refuse = (
    status: number,
    message: string,
    operation?: MockOperation,
    headers: Record<string, string> = {},
  ): Response =>
    Response.json(errorBody(connector, operation, status, message), { status, headers });

  const handle = async (request: Request, body: Uint8Array | undefined): Promise<Handled> => {
    const { pathname } = new URL(request.url);
    const { method, headers } = request;
    const fault = faultFor({ method, path: pathname, number: ++number, headers });
    if (fault?.delayMs !== undefined) await pause(pace.clock, fault.delayMs, request.signal);
    if (body === undefined) {
      return { response: refuse(413, `The request body is larger than ${maxBytes} bytes.`) };
    }
    if (!pathname.startsWith(basePath)) {
      return { response: refuse(404, `${connector.id} is served under ${basePath}.`) };
    }
    const recorded = await replayed(request, pathname.slice(basePath.length), body);
    if (recorded !== undefined) return { response: recorded };
    const route = find(method, pathname.slice(basePath.length));
    if ("operation" in route) return await call(route, request, body, fault);
    const allow = route.allowed.join(", ");
    const response = allow === ""
      ? refuse(404, `${connector.id} has no operation at ${pathname}.`)
      : refuse(405, `${pathname} accepts ${allow}.`, undefined, { allow });
    return { response };
  };

  const prefixes = options.replay === undefined ? [] : prefixesOf(connector);
  const replayed = (
    { method, url }: Request,
    path: string,
    body: Uint8Array,
  ): Promise<Response> | undefined => {
    for (const prefix of prefixes) {
      const target = prefix + path + new URL(url).search;
      const answer = options.replay?.({ method, target, body });
      if (answer !== undefined) return answer;
    }
    return undefined;
  };

  const call = async (
    route: Extract<ReturnType<typeof find>, { operation: MockOperation }>,
    request: Request,
    body: Uint8Array,
    fault: Fault | undefined,
  ): Promise<Handled> => {
    const operation = route.operation;
    const done = (response: Response, example?: string): Handled => ({
      response,
      operation: operation.id,
      example,
    });
    if (fault?.status !== undefined && fault.status >= 300) {
      const headers = fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter };
      const message = `The mock answered ${fault.status} on request.`;
      return done(refuse(fault.status, message, operation, headers));
    }
    const input = await readInput(route, request, body).catch(() => undefined);
    if (input === undefined) {
      return done(refuse(400, "The request body could not be parsed.", operation));
    }
    const streams = doesStream(operation.stream, input);
    const picked = pickExample(operation, input, streams);
    if (options.strict === true && picked?.exact !== true) {
      const names = operation.examples.map((example) => `"${example.name}"`).join(", ") || "none";
      return done(refuse(501, `No example of ${operation.id} matches. It has: ${names}.`));
    }
    const written = picked === undefined
      ? sampleAnswer(connector, operation, streams)
      : answerWith(operation, picked.example, streams);
    const home = new URL(request.url).origin + basePath;
    const answer = { ...written, headers: linkHome(connector, written.headers, home) };
    const error = () => errorBody(connector, operation, 500, "The mock broke this on request.");
    return done(sendAnswer(answer, pace, fault, error), picked?.example.name);
  };

  return {
    fetch: withCors(async (request) => {
      let body: Uint8Array | undefined;
      const read = async (): Promise<Handled> => {
        body = await readBytes(request, maxBytes);
        return await handle(request, body);
      };
      const handled = await read().catch((error: unknown): Handled => {
        const message = error instanceof Error ? error.message : String(error);
        return { response: refuse(error instanceof ConnectorError ? 400 : 500, message) };
      });
      const { pathname, search } = new URL(request.url);
      requests.push({
        operation: handled.operation,
        example: handled.example,
        method: request.method,
        url: pathname + search,
        headers: new Headers(request.headers),
        body: body ?? new Uint8Array(0),
      });
      if (requests.length > keep) requests.shift();
      return handled.response;
    }),
    requests: () => [...requests],
  };
}

function whole(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  const message = `${name} is ${value}: it must be a whole number of at least ${least}.`;
  throw invalidRequest("mock.options", message);
}
