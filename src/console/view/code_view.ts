/** The call that was sent, as a command, a program and a request of an agent. */
import type { ConnectorDescription } from "../../worker/describe.ts";
import type { WorkerClient } from "../call/worker.ts";
import { curl } from "../code/curl.ts";
import { mcpCall } from "../code/mcp.ts";
import type { Subject } from "../code/subject.ts";
import { type StandIn, typeScript } from "../code/typescript.ts";
import { codeBlock } from "../parts/copy.ts";
import { h } from "../parts/dom.ts";
import { tabs } from "../parts/tabs.ts";

export interface CodeView {
  readonly element: HTMLElement;
  show(subject: Subject): void;
}

export function codeView(
  worker: WorkerClient,
  connector: ConnectorDescription,
  standIn: StandIn | undefined,
): CodeView {
  const [shell, program, agent] = [h("div"), h("div"), h("div")];
  let subject: Subject | undefined;
  const showAgent = async (): Promise<void> => {
    const shown = subject;
    if (shown === undefined) return;
    const mode = await worker.mcpMode().catch(() => undefined);
    const text = mode && mcpCall(shown, mode);
    if (shown !== subject) return;
    agent.replaceChildren(
      text === undefined
        ? note(
          mode === undefined
            ? "This worker offers nothing to agents: add the part mcp() to it."
            : "A call with files is not made by agents as JSON.",
        )
        : codeBlock("MCP call", text),
    );
  };
  const bar = tabs("Code", [
    { label: "curl", panel: shell },
    { label: "TypeScript", panel: program },
    // Asked only when somebody wants to know.
    { label: "MCP", panel: agent, show: () => void showAgent() },
  ]);
  const element = h(
    "section",
    { class: "card", "aria-label": "Code" },
    h("div", { class: "bar" }, h("h2", {}, "Code"), bar.bar),
    ...bar.panels,
  );
  return {
    element,
    show(given) {
      subject = given;
      shell.replaceChildren(codeBlock("curl", curl(given)));
      const text = typeScript(given, connector, standIn);
      program.replaceChildren(
        text === undefined
          ? note("This connector has no generated client.")
          : codeBlock("TypeScript", text),
      );
      if (!agent.hidden) void showAgent();
    },
  };
}

function note(text: string): HTMLElement {
  return h("p", { class: "note" }, text);
}
