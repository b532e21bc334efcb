/** A call as a program with the generated client. */
import type { ConnectorDescription } from "../../worker/describe.ts";
import { otherType } from "../form/body_choice.ts";
import { withBigints } from "./bigints.ts";
import { literal } from "./literal.ts";
import { camelCase } from "./names.ts";
import { hasFiles, streams, type Subject } from "./subject.ts";

/** The connectors of the package. Others are imported from where they were generated. */
export const BUNDLED: readonly string[] = [
  "anthropic",
  "gemini",
  "github",
  "openai",
  "postgres-demo",
  "redis-demo",
  "slack",
  "stripe",
];

/** How to reach what stands in for the API, without a secret. */
export interface StandIn {
  readonly baseURL: string;
  /** Other options of the client. */
  readonly options: Readonly<Record<string, string>>;
}

type Connector = Pick<ConnectorDescription, "id" | "className" | "config">;

/** Undefined where there is no class. */
export function typeScript(
  subject: Subject,
  { id, className, config }: Connector,
  standIn: StandIn | undefined,
): string | undefined {
  if (className === undefined) return undefined;
  const client = camelCase(id);
  const from = BUNDLED.includes(id)
    ? `@vastar/connector/connectors/${id}`
    : `./connectors/${id}/mod.gen.ts`;
  const lines: string[] = [];
  if (hasFiles(subject)) lines.push('import { readFile } from "node:fs/promises";');
  if (standIn !== undefined) lines.push('import { RuntimeClient } from "@vastar/connector";');
  lines.push(`import { ${className} } from ${JSON.stringify(from)};`, "");
  if (standIn === undefined) {
    const needed = config.filter(({ optional, env }) => !optional && env !== undefined)
      .map(({ env }) => env);
    const note = needed.length === 0 ? "" : ` // ${needed.join(", ")}`;
    lines.push(`const ${client} = new ${className}();${note}`);
  } else {
    lines.push(
      "// The bundled simulator stands in for the API.",
      `const runtime = new RuntimeClient({ egress: { allow: [${
        JSON.stringify(new URL(standIn.baseURL).host)
      }] } });`,
      `const ${client} = new ${className}(${
        literal({ baseURL: standIn.baseURL, ...standIn.options }, String).replace(
          /\s*\}$/,
          ", runtime }",
        )
      });`,
    );
  }
  return `${[...lines, ...statement(subject, client)].join("\n")}\n`;
}

/** `const answer = await ` and `;`. */
const ANSWER = 24;

function statement(subject: Subject, client: string): readonly string[] {
  const { operation: { id, stream, paginated, result, types }, form } = subject;
  const input = withBigints(form?.input ?? subject.operation.input, types, subject.input);
  const members = id.split(".").map(camelCase).join(".");
  const begin = `${client}.${members}(`;
  const contentType = otherType(subject.operation, subject.form);
  const given = isEmpty(input) ? "" : literal(input, fromDisk, "", begin.length + ANSWER);
  const options = contentType === undefined ? "" : literal({ contentType }, fromDisk);
  const call = `${begin}${options && given === "" ? "{}" : given}${options && `, ${options}`})`;
  const loop = (name: string, source: string, body: string) => [
    `const answer = ${source};`,
    `for await (const ${name} of ${body}`,
  ];
  if (stream !== undefined && streams(subject)) {
    return stream.text === undefined
      ? [...loop("item", call, "answer) {"), "  console.log(item);", "}"]
      : [...loop("text", call, "answer.textStream) {"), "  process.stdout.write(text);", "}"];
  }
  if (paginated) return [...loop("item", call, "answer) {"), "  console.log(item);", "}"];
  if (result.kind === "none") return [`await ${call};`];
  return [`const answer = await ${call};`, "console.log(answer);"];
}

function isEmpty(input: unknown): boolean {
  return typeof input === "object" && input !== null && Object.keys(input).length === 0;
}

function fromDisk(name: string): string {
  const text = JSON.stringify(name);
  return `new File([await readFile(${text})], ${text})`;
}
