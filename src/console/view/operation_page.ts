/** The page of one operation: what it does, its input, what came of a call, and the call as code. */
import type { ConnectorDescription, OperationDescription } from "../../worker/describe.ts";
import { send, type Sent } from "../call/send.ts";
import type { WorkerClient } from "../call/worker.ts";
import type { Subject } from "../code/subject.ts";
import type { StandIn } from "../code/typescript.ts";
import { codeView } from "./code_view.ts";
import { button, h, on } from "../parts/dom.ts";
import { type Given, inputView } from "./input_view.ts";
import { prose } from "../parts/prose.ts";
import { responseView } from "./response_view.ts";

export interface OperationPageOptions {
  readonly worker: WorkerClient;
  readonly connector: ConnectorDescription;
  readonly operation: OperationDescription;
  readonly standIn: StandIn | undefined;
  readonly inputs: Map<string, unknown>;
}

export interface Page {
  readonly title: string;
  readonly element: HTMLElement;
  /** Called when another page takes its place. */
  leave?(): void;
}

export function operationPage(options: OperationPageOptions): Page {
  const { worker, connector, operation, standIn, inputs } = options;
  const subject = ({ input: value, form: chosen }: Given): Subject => ({
    base: new URL(worker.base, location.href).href,
    keyed: worker.key !== undefined,
    operation,
    input: value,
    form: chosen,
  });
  const code = codeView(worker, connector, standIn);
  const input = inputView(operation, inputs, (given) => code.show(subject(given)));
  const answer = h(
    "div",
    { class: "answer" },
    h("p", { class: "card hint" }, "The answer is shown here."),
  );
  let sent: Sent | undefined;
  let turn = 0;

  const run = h("button", { type: "submit", class: "primary" }, "Send");
  const stop = button("Stop", () => sent?.stop(), { disabled: true });
  const busy = (now: boolean): void => {
    stop.disabled = !now;
    run.textContent = now ? "Send again" : "Send";
  };

  function call(): void {
    const read = input.read();
    if (read === undefined) return;
    sent?.stop();
    input.mark([]);
    code.show(subject(read));
    const mine = ++turn;
    const view = responseView({
      operation,
      mark: input.mark,
      ended: () => {
        if (turn === mine) busy(false);
      },
    });
    answer.replaceChildren(view.element);
    busy(true);
    // Where the page is narrow, the answer is below the form.
    if (answer.getBoundingClientRect().top > innerHeight * 0.8) answer.scrollIntoView();
    sent = send({
      url: `${worker.base}connectors/${connector.id}/${operation.id}`,
      ...read,
      headers: worker.headers,
      fetch: (url, init) => fetch(url, init),
      now: () => performance.now(),
    }, view);
  }

  const form = on(
    h(
      "form",
      { class: "card input", "aria-label": "Input", novalidate: true },
      ...input.parts,
      h(
        "div",
        { class: "actions" },
        run,
        stop,
        h("span", { class: "note" }, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "Enter")),
      ),
    ),
    {
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        call();
      },
      onkeydown: (event: KeyboardEvent) => {
        // Enter in a field of one line would send what is not ready.
        if (
          event.key === "Enter" && !event.ctrlKey && !event.metaKey &&
          event.target instanceof HTMLInputElement
        ) event.preventDefault();
      },
    },
  );
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    call();
  };
  document.addEventListener("keydown", onKey);

  code.show(subject(input.read() ?? { input: undefined, form: undefined }));
  return {
    title: `${connector.id} ${operation.id}`,
    element: h(
      "div",
      { class: "page" },
      heading(connector, operation),
      h("div", { class: "columns" }, form, h("div", { class: "right" }, answer, code.element)),
    ),
    leave() {
      document.removeEventListener("keydown", onKey);
      sent?.stop();
    },
  };
}

function heading(connector: ConnectorDescription, operation: OperationDescription): HTMLElement {
  const { id, method, path, summary, doc, link, deprecated } = operation;
  return h(
    "header",
    { class: "heading" },
    h("p", { class: "crumb" }, h("a", { href: `#/${connector.id}` }, connector.title)),
    h("h1", { tabindex: -1 }, id),
    h(
      "p",
      { class: "route" },
      h("span", { class: `method ${method.toLowerCase()}` }, method),
      h("code", {}, path),
      operation.stream === undefined ? undefined : h("span", { class: "badge" }, "streams"),
      link === undefined ? undefined : h(
        "a",
        { href: link, target: "_blank", rel: "noreferrer" },
        "Documentation",
      ),
    ),
    summary === undefined ? undefined : h("p", {}, ...prose(summary)),
    doc === undefined || doc === summary ? undefined : h("p", { class: "doc" }, ...prose(doc)),
    deprecated === undefined || deprecated === false ? undefined : h(
      "p",
      { class: "warning" },
      typeof deprecated === "string" ? `Deprecated: ${deprecated}` : "Deprecated.",
    ),
    connector.configured ? undefined : h(
      "p",
      { class: "warning" },
      `${connector.title} is not configured: calls will be refused. `,
      h("a", { href: `#/${connector.id}` }, "What it needs"),
    ),
  );
}
