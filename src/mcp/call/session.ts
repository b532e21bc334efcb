/** What the tools of one server have in common: what they keep, and how an operation is called for one of them. */
import { toHex } from "../../core/bytes.ts";
import { invalidRequest } from "../../core/errors.ts";
import { ConnectorClient } from "../../connector/call/client.ts";
import { checkArguments, checkDepth } from "../catalog/arguments.ts";
import type { Catalog, CatalogEntry } from "../catalog/catalog.ts";
import type { McpCaller, McpHost } from "../host.ts";
import type { ResolvedMcpOptions } from "../options.ts";
import { outputSchema } from "../schema/output.ts";
import {
  createAnswers,
  type KeptAnswer,
  readSelectors,
  type ToolResult,
  withoutSecrets,
} from "./answer.ts";
import { KeyedCalls } from "./calls.ts";
import { failedResult, mayHaveActed } from "./failure.ts";
import type { Progress } from "./progress.ts";
import { runOperation } from "./run.ts";
import { Shelf } from "./shelf.ts";
import { requestProblem } from "../../worker/problem/problem.ts";

const MEGABYTE = 1 << 20;

/** One request of a client. */
export interface ToolRequest {
  readonly host: McpHost;
  readonly catalog: Catalog;
  readonly caller: McpCaller;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly progress: Progress | undefined;
}

export interface CallArguments {
  readonly input: unknown;
  readonly select?: readonly string[] | undefined;
  readonly callId?: string | undefined;
  /** Of the body, where it can be sent in several forms. Default: the spec's first one. */
  readonly contentType?: string | undefined;
}

export interface ToolSession {
  /** Never rejects: what fails is a result that says so. */
  call(entry: CatalogEntry, given: CallArguments, request: ToolRequest): Promise<ToolResult>;
  /** More of an answer that was cut. */
  read(handle: string, select: readonly string[] | undefined, request: ToolRequest): ToolResult;
}

/** Long enough that nobody takes the same one for two things. */
export const CALL_ID: RegExp = /^[\w.:-]{16,128}$/;

export function createSession({ maxAnswerChars, keepMs, clock }: ResolvedMcpOptions): ToolSession {
  const bounds = { entries: 64, size: 8 * MEGABYTE, total: 64 * MEGABYTE, ageMs: keepMs };
  const kept = new Shelf<KeptAnswer>(bounds, clock);
  const answer = createAnswers(kept, maxAnswerChars);
  const calls = new KeyedCalls<ToolResult>(keepMs, clock);

  async function make(
    entry: CatalogEntry,
    given: CallArguments,
    request: ToolRequest,
  ): Promise<{ result: ToolResult; final: boolean }> {
    const { host, caller, requestId, signal, progress } = request;
    const { readOnlyHint: readOnly, idempotentHint: idempotent } = entry.annotations;
    const { definition, operation } = entry;
    try {
      const checked = checkArguments(entry, given.input, given.contentType);
      if ("mistakes" in checked) {
        const [first] = checked.mistakes;
        const detail = `The input is invalid: ${first?.path} ${first?.message}.`;
        const problem = requestProblem(400, "input.invalid", detail, requestId, {
          errors: checked.mistakes,
        });
        return { result: failedResult(problem), final: false };
      }
      const { types } = definition;
      const schema = outputSchema(operation);
      // Before the call: a mistake in a selector must not cost one.
      const select = readSelectors(given.select, schema, types);
      const served = host.registry.entries.get(definition.id);
      if (served === undefined) throw new Error(`${definition.id} is not served`);
      const { secrets } = ConnectorClient.stateOf(served.client(caller.tenantId));
      // Those of the configuration, and tokens that were got with them.
      const redact = (text: string) => secrets.redact(host.registry.redact(text));
      const { value, morePages, media } = await runOperation(
        served,
        entry,
        checked.input,
        {
          signal,
          traceId: requestId,
          traceparent: caller.traceparent,
          tenantId: caller.tenantId,
          contentType: checked.contentType,
          idempotencyKey: readOnly ? undefined : given.callId,
        },
        progress,
        redact,
      );
      const result = answer({
        tenant: caller.tenantId ?? "",
        answer: { value: withoutSecrets(value, redact), schema, types },
        select,
        media,
        more: morePages === true ? { morePages } : {},
      });
      return { result, final: true };
    } catch (thrown) {
      const problem = host.failure(thrown, requestId);
      const { callId } = given;
      const result = failedResult(problem, { readOnly, idempotent, callId });
      return { result, final: !idempotent && mayHaveActed(problem) };
    }
  }

  return {
    async call(entry, given, request) {
      const { callId } = given;
      const { caller: { tenantId = "" }, requestId, host } = request;
      if (callId !== undefined && !CALL_ID.test(callId)) {
        const detail = "callId must be 16 to 128 letters, digits, or . _ : -, such as a UUID.";
        return failedResult(requestProblem(400, "input.call_id", detail, requestId));
      }
      if (callId === undefined || entry.annotations.readOnlyHint) {
        return (await make(entry, given, request)).result;
      }
      try {
        checkDepth(given.input);
        const print = await digest(
          JSON.stringify([entry.id, given.input, given.select, given.contentType]),
        );
        return await calls.make(tenantId, callId, print, async () => {
          const made = await make(entry, given, request);
          return { ...made, size: JSON.stringify(made.result).length };
        });
      } catch (thrown) {
        return failedResult(host.failure(thrown, requestId));
      }
    },
    read(handle, select, { host, caller: { tenantId = "" }, requestId }) {
      try {
        const found = kept.get(tenantId, handle);
        if (found === undefined) {
          throw invalidRequest(
            "answer.unknown",
            "There is no answer under that handle, or none any more: make the call again.",
          );
        }
        const selectors = readSelectors(select, found.schema, found.types);
        return answer({ tenant: tenantId, answer: found, select: selectors, handle });
      } catch (thrown) {
        return failedResult(host.failure(thrown, requestId));
      }
    },
  };
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toHex(new Uint8Array(bytes));
}
