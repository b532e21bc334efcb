/** The simulator as a Hono app: routes, keys, faults and the shapes of errors. */
import { Hono } from "hono";
import { ConnectorError } from "../core/errors.ts";
import { jsonResponse } from "../core/serve/json_response.ts";
import { anthropicError, ApiError, faultError, openAiError } from "./api_error.ts";
import { completeChat, type Outcome, testCompletion } from "./openai/chat.ts";
import { createEmbeddings } from "./openai/embeddings.ts";
import { withCors } from "./cors.ts";
import { createFaultPlan, type Fault } from "./faults.ts";
import { isObject, readBody, readText } from "./input.ts";
import { createMessage } from "./anthropic/messages.ts";
import { createMock } from "./mock/mock.ts";
import { createModels } from "./models.ts";
import { resolveSimulatorOptions, type SimulatorOptions } from "./options.ts";
import { createResponse } from "./openai/responses.ts";
import { type BodyEnd, breakPieces, pacedBody } from "./stream.ts";
import { pause } from "./pause.ts";

/** Counters since the simulator was created. Also in `GET /health`. */
export interface SimulatorStats {
  /** Requests other than `/health`. */
  readonly requests: number;
  /** Answers whose body is being sent. */
  readonly active: number;
  readonly completed: number;
  /** The client disconnected before the end. */
  readonly cancelled: number;
  /** Ended by a fault. */
  readonly broken: number;
}

export interface Simulator {
  /** Answers one request. Never rejects. */
  fetch(request: Request): Promise<Response>;
  stats(): SimulatorStats;
}

/**
 * A server that implements enough of the OpenAI and Anthropic APIs to build and test against, with answers that are the same every
 * time. Serve it on a port, or pass its `fetch` to whatever takes one. Invalid options are refused with
 * `simulator.options`.
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const resolved = resolveSimulatorOptions(options);
  const models = createModels(resolved);
  const faultFor = createFaultPlan(resolved.faults, resolved.faultHeader);
  const stats = { requests: 0, active: 0, completed: 0, cancelled: 0, broken: 0 };

  const authorize = (request: Request) => {
    const bearer = /^Bearer\s+(.*)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const key = bearer ?? request.headers.get("x-api-key") ?? undefined;
    if (resolved.apiKey !== undefined && key === undefined) {
      throw new ApiError({ status: 401, message: "You didn't provide an API key." });
    }
    if (key === "sk-invalid" || (resolved.apiKey !== undefined && key !== resolved.apiKey)) {
      throw new ApiError({
        status: 401,
        message: "Incorrect API key provided.",
        code: "invalid_api_key",
      });
    }
  };

  const answer = async (
    request: Request,
    handle: () => Promise<Outcome> | Outcome,
  ): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const requestId = `req_sim_${++stats.requests}`;
    const isAnthropic = pathname === "/v1/messages";
    const shape = isAnthropic ? anthropicError : openAiError;
    const idHeader = isAnthropic ? "request-id" : "x-request-id";
    let fault: Fault | undefined;
    try {
      fault = faultFor({
        method: request.method,
        path: pathname,
        number: stats.requests,
        headers: request.headers,
      });
      if (fault?.delayMs !== undefined) await pause(resolved.clock, fault.delayMs, request.signal);
      if (fault?.status !== undefined && (fault.status < 200 || fault.status > 299)) {
        throw faultError(fault.status, fault.code);
      }
      authorize(request);
      return send(await handle(), fault, shape, { [idHeader]: requestId });
    } catch (thrown) {
      const error = asApiError(thrown);
      const headers: Record<string, string> = { [idHeader]: requestId };
      if (fault?.retryAfter !== undefined) headers["retry-after"] = fault.retryAfter;
      return jsonResponse(shape(error), { status: error.status, headers });
    }
  };

  const send = (
    outcome: Outcome,
    fault: Fault | undefined,
    shape: (error: ApiError) => unknown,
    headers: Record<string, string>,
  ): Response => {
    const streamed = "events" in outcome;
    const text = streamed ? "" : JSON.stringify(outcome.json);
    if (!streamed && fault?.kind === undefined && resolved.firstChunkDelayMs === 0) {
      return jsonResponse(outcome.json, { headers });
    }
    const half = Math.ceil(text.length / 2);
    const pieces = streamed ? outcome.events : [text.slice(0, half), text.slice(half)];
    const broken = shape(faultError(500, fault?.code));
    const name = shape === anthropicError ? "event: error\n" : "";
    const effective = streamed || fault === undefined ? fault : { ...fault, after: 1 };
    const body = pacedBody(
      breakPieces(
        pieces,
        effective,
        streamed ? `${name}data: ${JSON.stringify(broken)}\n\n` : JSON.stringify(broken),
      ),
      {
        clock: resolved.clock,
        firstDelayMs: resolved.firstChunkDelayMs,
        delayMs: streamed ? fault?.chunkDelayMs ?? resolved.chunkDelayMs : 0,
      },
      (end: BodyEnd) => {
        stats.active--;
        stats[end]++;
      },
    );
    stats.active++;
    const type = streamed ? "text/event-stream; charset=utf-8" : "application/json";
    return new Response(body, {
      headers: { ...headers, "content-type": type, "cache-control": "no-cache" },
    });
  };

  const max = resolved.maxBodyBytes;
  const app = new Hono();
  app.get("/health", () => jsonResponse({ status: "ok", ...stats }));
  app.get("/v1/models", ({ req }) => answer(req.raw, () => ({ json: models.list() })));
  app.get(
    "/v1/models/:id",
    ({ req }) => answer(req.raw, () => ({ json: models.get(req.param("id")) })),
  );
  app.post(
    "/v1/chat/completions",
    ({ req: { raw } }) =>
      answer(raw, async () => completeChat(await readBody(raw, max), models, resolved)),
  );
  app.post(
    "/v1/embeddings",
    ({ req: { raw } }) =>
      answer(raw, async () => ({ json: createEmbeddings(await readBody(raw, max), models) })),
  );
  app.post(
    "/v1/responses",
    ({ req: { raw } }) =>
      answer(raw, async () => createResponse(await readBody(raw, max), models, resolved)),
  );
  app.post("/v1/messages", ({ req: { raw } }) =>
    answer(raw, async () => {
      if (raw.headers.get("anthropic-version") === null) {
        throw new ApiError({ status: 400, message: "anthropic-version: header is required" });
      }
      return createMessage(await readBody(raw, max), models, resolved);
    }));
  app.post("/test_completion", ({ req: { raw } }) =>
    answer(raw, async () => {
      const text = await readText(raw, max);
      return testCompletion(looseBody(text), models, resolved);
    }));
  for (const connector of resolved.connectors) {
    const basePath = `/mock/${connector.id}`;
    const { firstChunkDelayMs, chunkDelayMs, faultHeader, maxBodyBytes, clock } = resolved;
    const options = { basePath, firstChunkDelayMs, chunkDelayMs, faultHeader, maxBodyBytes, clock };
    const replay = resolved.replays[connector.id];
    const mock = createMock(connector, { ...options, ...(replay && { replay }) });
    app.all(`${basePath}/*`, ({ req: { raw } }) => mock.fetch(raw));
  }
  const paths = new Map(app.routes.map((route) => [route.path, route.method]));
  app.notFound(({ req: { raw, path } }) => {
    const wanted = paths.get(path);
    if (wanted === undefined && resolved.fallback !== undefined) return resolved.fallback(raw);
    return answer(raw, () => {
      throw new ApiError(
        wanted === undefined
          ? { status: 404, message: `Invalid URL (${raw.method} ${path})`, code: "unknown_url" }
          : {
            status: 405,
            message: `Not allowed to ${raw.method} on ${path}: use ${wanted}.`,
            code: "method_not_supported",
          },
      );
    });
  });

  return {
    fetch: withCors(async (request) => await app.fetch(request)),
    stats: () => ({ ...stats }),
  };
}

/** `/test_completion` accepts anything: an object is used as it is, anything else becomes the prompt. */
function looseBody(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { ...value };
    return typeof value === "string" ? { prompt: value } : {};
  } catch {
    return text.trim() === "" ? {} : { prompt: text };
  }
}

function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof ConnectorError) {
    return new ApiError({ status: 400, message: thrown.message, code: thrown.code });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError({
    status: 500,
    message: `The simulator failed: ${message}`,
    type: "server_error",
  });
}
