/** Implements `vastar call`. */
import type { Call, WithResponse } from "../../src/connector/call/call.ts";
import { bodyFormOf, bodyForms } from "../../src/connector/definition/body_forms.ts";
import type {
  ConnectorDefinition,
  OperationDefinition,
} from "../../src/connector/definition/definition.ts";
import type { EventStream } from "../../src/connector/stream/event_stream.ts";
import type { Page } from "../../src/connector/answer/pages.ts";
import { RuntimeClient } from "../../src/client/mod.ts";
import { figures, milliseconds } from "./figures.ts";
import { ConnectorError } from "../../src/core/errors.ts";
import { readCallConfig } from "./config.ts";
import { describeFailure } from "./error.ts";
import { readCallInput } from "./input.ts";
import { connectorList, operationList } from "./list.ts";
import { openSink, type Sink, writePages, writeStream, writeValue } from "./output.ts";
import { findConnector, findOperation, listConnectors } from "./target.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";
import { type Progress, startProgress } from "../progress.ts";

/** As shells report a program that Ctrl-C ended. */
const INTERRUPTED = 130;

export async function runCall(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const [name, operationId] = args.positionals;
  const folder = args.string("connectors");
  const places = { cwd: io.cwd, folder };
  if (name === undefined) {
    io.stdout(connectorList(await listConnectors(places)));
    return 0;
  }
  const definition = await findConnector(name, places);
  if (operationId === undefined) {
    io.stdout(operationList(definition));
    return 0;
  }
  const operation = chosenForm(
    findOperation(definition, operationId),
    args.string("content-type"),
  );
  if (args.flag("all") && !operation.paginated) {
    throw new UsageError(`${operation.id} has no pages: leave --all out.`);
  }
  const input = readCallInput(args, definition, operation, io.cwd);
  const config = readCallConfig(args.list("config"), definition);
  return await call(args, io, { definition, operation, input, config });
}

/** The operation, with the form of its body that the caller chose. */
function chosenForm(operation: OperationDefinition, type: string | undefined): OperationDefinition {
  if (type === undefined) return operation;
  const { body } = operation;
  if (body === undefined) {
    throw new UsageError(`${operation.id} has no body: leave --content-type out.`);
  }
  const form = bodyFormOf(operation, type);
  if (form === undefined) {
    const types = bodyForms(operation).map(({ contentType }) => contentType).join(" or ");
    throw new UsageError(`--content-type of ${operation.id} must be ${types}, found "${type}".`);
  }
  const { input, kind, contentType } = form;
  return { ...operation, input, body: { ...body, kind, contentType } };
}

interface Chosen {
  readonly definition: ConnectorDefinition;
  readonly operation: OperationDefinition;
  readonly input: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}

async function call(args: CommandArgs, io: CommandIo, chosen: Chosen): Promise<ExitCode> {
  const { definition, operation } = chosen;
  const address = args.string("runtime") ?? "embedded:";
  const egress = {
    allow: args.list("allow"),
    howToPermit: (rule: string) => `--allow ${rule} or VASTAR_ALLOW=${rule}`,
  };
  const runtime = new RuntimeClient({ address, engine: { egress } });
  const interrupt = new AbortController();
  const off = io.onSignal("SIGINT", () => interrupt.abort());
  const progress = startProgress(io, `${definition.id} ${operation.id}`);
  const sink = openSink(args.string("out"), io, progress);
  try {
    await send(args, io, chosen, { runtime, signal: interrupt.signal, sink, progress });
    return 0;
  } catch (error) {
    progress.clear();
    if (interrupt.signal.aborted) return INTERRUPTED;
    if (!(error instanceof ConnectorError)) throw error;
    io.stderr(
      args.flag("json")
        ? `${JSON.stringify(error)}\n`
        : describeFailure(error, definition, operation.id, address),
    );
    return 1;
  } finally {
    progress.clear();
    sink.close();
    off();
    await runtime.close();
  }
}

interface Means {
  readonly runtime: RuntimeClient;
  readonly signal: AbortSignal;
  readonly sink: Sink;
  readonly progress: Progress;
}

async function send(args: CommandArgs, io: CommandIo, chosen: Chosen, means: Means): Promise<void> {
  const { definition, operation, input, config } = chosen;
  const { sink } = means;
  const baseURL = args.string("base-url");
  await using client = definition.create({
    ...config,
    baseURL,
    runtime: means.runtime,
    env: io.env,
  });
  const options = {
    signal: means.signal,
    timeoutMs: timeoutOf(args),
    retries: retries(args),
    hedgeAfterMs: hedgeAfter(args),
    headers: headers(args.list("header")),
    contentType: operation.body?.contentType,
  };
  const invocation = definition.invoke(client, operation.id, input, options);
  const answer: WithResponse<unknown> = await (invocation as Call<unknown>).withResponse();
  if (args.flag("include")) {
    means.progress.clear();
    io.stderr(headText(answer));
  }
  const form = { compact: args.flag("json") };
  if (invocation.kind === "stream") {
    await writeStream(answer.data as EventStream<unknown, unknown>, operation, sink, form);
  } else if (invocation.kind === "pages") {
    const page = answer.data as Page<unknown, unknown>;
    const more = await writePages(page, args.flag("all"), sink, form);
    if (more && io.interactive) {
      io.stderr("There are further pages: --all prints the items of all.\n");
    }
  } else writeValue(answer.data, operation, sink, form);
}

function headText(answer: WithResponse<unknown>): string {
  const { status, headers } = answer.response;
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\n`);
  const took = `${milliseconds(answer.durationUs)} to the head`;
  return `HTTP ${status}\n${lines.join("")}# ${[...figures(answer), took].join(", ")}\n\n`;
}

function timeoutOf(args: CommandArgs): number | undefined {
  const seconds = args.number("timeout");
  if (seconds === undefined || seconds > 0) {
    return seconds === undefined ? undefined : seconds * 1000;
  }
  throw new UsageError(`--timeout must be a number of seconds above 0, found ${seconds}.`);
}

function retries(args: CommandArgs): number | undefined {
  const count = args.number("retries");
  if (count === undefined || (Number.isInteger(count) && count >= 0)) return count;
  throw new UsageError(`--retries must be a whole number, 0 or more; found ${count}.`);
}

function hedgeAfter(args: CommandArgs): number | undefined {
  const ms = args.number("hedge");
  if (ms === undefined || ms > 0) return ms;
  throw new UsageError(`--hedge must be a number of milliseconds above 0, found ${ms}.`);
}

function headers(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(given.map((text) => {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/s.exec(text) ?? [];
    // The value is not shown: it may be a secret.
    if (name === undefined || value === undefined) {
      throw new UsageError("--header must be NAME:VALUE.");
    }
    return [name, value];
  }));
}
