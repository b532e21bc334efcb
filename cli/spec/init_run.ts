/** Implements `vastar init`. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { camelCase, isTakenType, pascalCase, words } from "../../codegen/read/names.ts";
import { formatDiagnostics } from "../../codegen/read/report/format.ts";
import { loadConnector } from "../../codegen/load_connector.ts";
import { invalidRequest } from "../../src/core/errors.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";
import { projectOf } from "../project.ts";

const ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

export function initConnector(args: CommandArgs, io: CommandIo): ExitCode {
  const [id = ""] = args.positionals;
  if (!ID.test(id)) {
    const better = words(id).join("-").toLowerCase();
    const hint = ID.test(better) ? `, such as ${better}` : "";
    throw new UsageError(`"${id}" cannot be an id: use lowercase letters, digits and -${hint}.`);
  }
  const url = (args.string("url") ?? "https://api.example.com").replace(/\/+$/, "");
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError(`--url must be an absolute http or https URL, found "${url}".`);
  }
  const path = args.string("path") ?? "/status";
  if (!path.startsWith("/")) throw new UsageError(`--path must start with /, found "${path}".`);
  const folder = join(args.string("dir") ?? "connectors", id);
  const file = join(folder, "connector.yaml");
  if (existsSync(resolve(io.cwd, file))) {
    throw invalidRequest("init.exists", `${file} exists and was left alone: choose another id.`);
  }
  const project = projectOf(folder, io.cwd);
  const operation = operationId(path);
  const text = spec({
    id,
    url,
    path,
    operation,
    auth: args.string("auth"),
    schema: project.schema,
  });
  const { diagnostics } = loadConnector({ path: file, text });
  if (diagnostics.length > 0) {
    io.stderr(formatDiagnostics(diagnostics));
    return 1;
  }
  mkdirSync(resolve(io.cwd, folder), { recursive: true });
  writeFileSync(resolve(io.cwd, file), text, { flag: "wx" });
  const parameters = pathParameters(path).map((name) => ` -f ${name}=…`).join("");
  io.stdout([
    `${file} is written. Next:`,
    "",
    `  edit it: the server, the paths, and what comes back`,
    ...project.installed ? [] : ["  npm install @vastar/connector"],
    `  vastar spec check ${folder}`,
    `  vastar generate ${folder}`,
    `  vastar call ${isAbsolute(folder) ? folder : `./${folder}`} ${operation}${parameters}`,
    "",
  ].join("\n"));
  return 0;
}

interface First {
  readonly id: string;
  readonly url: string;
  readonly path: string;
  readonly operation: string;
  readonly auth: string | undefined;
  readonly schema: string;
}

function spec({ id, url, path, operation, auth, schema }: First): string {
  const parameters = pathParameters(path);
  const variable = `${id.toUpperCase().replaceAll("-", "_")}_KEY`;
  const credential = [`config: { apiKey: { type: string, secret: true, env: ${variable} } }`];
  if (auth === "bearer") credential.push('auth: { type: bearer, token: "${config.apiKey}" }');
  else {
    credential.push(
      'auth: { type: apiKey, in: header, name: X-API-Key, value: "${config.apiKey}" }',
    );
  }
  return [
    `# yaml-language-server: $schema=${schema}`,
    "connector: 1",
    `id: ${id}`,
    "version: 0.1.0",
    ...isTakenType(pascalCase(id)) ? [`name: ${pascalCase(id)}Api`] : [],
    `servers: { default: ${plain(url)} }`,
    ...auth === undefined || auth === "none" ? [] : credential,
    "operations:",
    `  ${operation}:`,
    `    get: ${plain(path)}`,
    ...parameters.length === 0
      ? []
      : [`    input: { ${
        parameters.map((name) => `${name}: { in: path, type: string }`).join(", ")
      } }`],
    "    result: { type: object, additionalProperties: true }",
    "",
  ].join("\n");
}

/** Unquoted where YAML allows it, even inside braces. */
function plain(text: string): string {
  return /^[\w/][\w:./-]*[\w/-]$/.test(text) ? text : JSON.stringify(text);
}

function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? "");
}

/** `/v1/users/{id}` → `users.get`. */
function operationId(path: string): string {
  const fixed = path.split("/").filter((part) => part !== "" && !part.includes("{"));
  const last = camelCase((fixed.at(-1) ?? "").replace(/\.[a-z]+$/, ""));
  return /^[A-Za-z]/.test(last) ? `${last}.get` : "root.get";
}
