/**
 * Preloaded into a process: takes telemetry's hooks out of the sources as they are loaded, so that the same calls can be made
 * without them. Fails if a hook is no longer where it is looked for.
 */
import { readFile } from "node:fs/promises";

interface Hook {
  readonly file: RegExp;
  readonly hook: string;
  readonly instead: string;
}

const HOOKS: readonly Hook[] = [
  {
    file: /\/src\/client\/runtime_client\.ts$/,
    hook: "traced(role, request, (call) => transport.call(call))",
    instead: "(role, transport.call(request))",
  },
  { file: /\/src\/engine\/pipeline\.ts$/, hook: "    stages.trace,\n", instead: "" },
  {
    file: /\/src\/daemon\/connection\/shared\.ts$/,
    hook: 'traced("server", request, (call) => lease.engine.begin(call, signal))',
    instead: "lease.engine.begin(request, signal)",
  },
];

Bun.plugin({
  name: "without telemetry",
  setup(build) {
    for (const { file, hook, instead } of HOOKS) {
      build.onLoad({ filter: file }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        if (!source.includes(hook)) throw new Error(`${path} no longer has ${hook.trim()}`);
        return { contents: source.replace(hook, () => instead), loader: "ts" };
      });
    }
  },
});
