/** How `deno task test` runs test files that need special treatment, each with its reason. */

/** Those that cannot share the cores or a process with others: after all others, one at a time. */
export const ALONE: Readonly<Record<string, string>> = {
  "tests/unit/platform/odd_responses.test.ts":
    "measures the memory of its process while a body of 256 MiB is refused",
  "tests/unit/platform/fairness.test.ts":
    "measures the memory of its process while bodies flood it",
};

const TEXT = "makes text of text; what either runtime makes, the golden files compare";

/** Those that are the same on either runtime, files or whole folders: on Bun only, or on Deno where there is no Bun. */
export const ONCE: Readonly<Record<string, string>> = {
  "tests/codegen/diff/": TEXT,
  "tests/codegen/docs/": TEXT,
  "tests/codegen/import/": TEXT,
  "tests/codegen/load/": TEXT,
  "tests/codegen/read/": TEXT,
  "tests/unit/cli/spec/": TEXT,
  "tests/unit/platform/databases/mysql_quotes.test.ts":
    "compares how we read text with how a server reads it",
  "tests/unit/platform/databases/redis_read_only.test.ts":
    "compares which commands we take for reads with which a server does",
  "tests/e2e/documents/python_client.test.ts":
    "tries a client in Python; the daemon's side of it, conformance tries on either runtime",
  "tests/unit/tools/": "tries the tools of this repository, which run on one runtime",
  "tests/conformance/databases/pglite.test.ts":
    "starts PostgreSQL in WebAssembly, which takes seconds of the processor",
  "tests/codegen/emit/compile.test.ts": "tries what was generated with a compiler and a linter",
  "tests/connectors/postgres_demo.test.ts": "starts a database within its process",
  "tests/connectors/docs.test.ts": "compiles the examples of the documents",
  "tests/e2e/worker/worker_hosts.test.ts":
    "starts the worker on every host, whichever runs the test",
  "tests/e2e/worker/console.test.ts":
    "drives a browser, in which the page is the same whoever serves it",
  "tests/e2e/worker/workerd.test.ts":
    "tries the worker within workerd, whichever runtime starts it",
  "tests/e2e/pool/machines.test.ts":
    "plays two machines; what pools do on either runtime, the other tests of them try",
  "tests/e2e/pool/shared_limits.test.ts": "starts the same runtimes whoever asks them",
  "tests/e2e/pool/clusters.test.ts":
    "tries servers and credentials of NATS; what pools do on either runtime, the other tests of them try",
  "tests/e2e/pool/policy.test.ts": "starts the same runtimes whoever asks them",
  "tests/package/executable.test.ts": "builds one executable of 110 MB",
  "tests/package/package.test.ts": "builds one package, and tries it on every runtime",
  "tests/unit/tools/universal.test.ts": "starts the compiler for each of its cases",
};

export function runsOnce(file: string): boolean {
  return file in ONCE || Object.keys(ONCE).some((at) => at.endsWith("/") && file.startsWith(at));
}
