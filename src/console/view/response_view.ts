/** What comes of a call: how it went, and what it brought, as it arrives. */
import type { OperationDescription } from "../../worker/describe.ts";
import { itemText } from "../call/item_text.ts";
import type { End, Head, Listener } from "../call/send.ts";
import { h } from "../parts/dom.ts";
import { figure, milliseconds, size } from "../parts/measures.ts";
import { problemView } from "./problem_view.ts";
import { colouredJson } from "../parts/prose.ts";
import { tabs } from "../parts/tabs.ts";

/** More would slow the page down; the text has all. */
const MOST_EVENTS = 1_000;
/** Larger bodies are not laid out. */
const MOST_JSON = 500_000;

export interface ResponseOptions {
  readonly operation: OperationDescription;
  /** Marks the mistakes of the input beside its fields. */
  readonly mark: (mistakes: readonly { pointer: string; message: string }[]) => void;
  readonly ended: (end: End) => void;
}

export interface ResponseView extends Listener {
  readonly element: HTMLElement;
}

export function responseView({ operation, mark, ended }: ResponseOptions): ResponseView {
  const state = h("span", { class: "pill busy", role: "status" }, "Sending …");
  const measures = h("dl", { class: "measures" });
  const content = h("div", { class: "content" });
  const headers = h("div", { class: "content" });
  const bar = tabs("Answer", [
    { label: "Answer", panel: content },
    { label: "Headers", panel: headers },
  ]);
  bar.bar.hidden = true;
  const element = h(
    "section",
    { class: "card response", "aria-label": "Answer" },
    h("div", { class: "bar" }, state, measures),
    bar.bar,
    ...bar.panels,
  );

  let head: Head | undefined;
  let events: EventPanes | undefined;

  const say = (text: string, kind: string): void => {
    state.textContent = text;
    state.className = `pill ${kind}`;
  };

  return {
    element,
    head(given) {
      head = given;
      bar.bar.hidden = false;
      say(`${given.status}`, given.status < 400 ? "busy" : "bad");
      measures.append(figure("First byte", milliseconds(given.firstByte)));
      headers.replaceChildren(headerTable(given.headers));
      if (given.contentType.startsWith("text/event-stream")) {
        events = eventPanes(operation);
        content.replaceChildren(events.element);
      }
    },
    event(message) {
      events?.add(message.data, message.event);
    },
    text(text) {
      content.replaceChildren(bodyView(text, head?.contentType ?? ""));
    },
    bytes(bytes, name) {
      content.replaceChildren(bytesView(bytes, name ?? "answer"));
    },
    end(end, total, bytes) {
      events?.flush();
      switch (end.kind) {
        case "done":
          say(head?.status === 204 ? "204 Done" : `${head?.status ?? ""} OK`, "good");
          break;
        case "stopped":
          say("Stopped", "idle");
          break;
        case "failed": {
          const { problem } = end;
          say(`${problem.status ?? ""} ${problem.title ?? "Failed"}`, "bad");
          const shown = problemView(problem);
          if (events === undefined) content.replaceChildren(shown);
          else content.prepend(shown);
          mark(problem.errors ?? []);
          break;
        }
        case "lost":
          say(head === undefined ? "No answer" : "Broke off", "bad");
          content.prepend(
            h(
              "p",
              { class: "problem" },
              head === undefined
                ? `The worker cannot be reached: ${end.why}.`
                : `The connection was lost before the end: ${end.why}.`,
            ),
          );
      }
      measures.append(figure("Total", milliseconds(total)));
      const { attempts, waited, queued } = timingOf(head, end);
      if (attempts !== undefined) measures.append(figure("Attempts", String(attempts)));
      if (waited) measures.append(figure("Waited", milliseconds(waited)));
      if (queued) measures.append(figure("Queued", milliseconds(queued)));
      if (bytes > 0) measures.append(figure("Size", size(bytes)));
      ended(end);
    },
  };
}

function timingOf(head: Head | undefined, end: End) {
  if (end.kind !== "failed") return head ?? {};
  const { attempts, waitedMs: waited, queuedMs: queued } = end.problem;
  return { attempts, waited, queued };
}

interface EventPanes {
  readonly element: HTMLElement;
  add(data: string, event: string | undefined): void;
  flush(): void;
}

/** The text as it arrives, the events beside it. Both are drawn once a frame, however fast they come. */
function eventPanes({ stream }: OperationDescription): EventPanes {
  const text = h("div", { class: "streamed", tabindex: 0, role: "region", "aria-label": "Text" });
  const list = h("ol");
  const box = h(
    "div",
    { class: "events", tabindex: 0, role: "region", "aria-label": "Events" },
    list,
  );
  const count = h("span", { class: "note" });
  const panes = h(
    "div",
    { class: "panes" },
    stream?.text && h("div", { class: "pane" }, h("h3", {}, "Text"), text),
    h("div", { class: "pane" }, h("h3", {}, "Events ", count), box),
  );
  let waiting = "";
  let rows: HTMLElement[] = [];
  let total = 0;
  let frame = 0;
  const flush = (): void => {
    cancelAnimationFrame(frame);
    frame = 0;
    const follows = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    if (waiting !== "") text.append(waiting);
    list.append(...rows);
    waiting = "";
    rows = [];
    while (list.children.length > MOST_EVENTS) list.firstElementChild?.remove();
    count.textContent = total > MOST_EVENTS ? `last ${MOST_EVENTS} of ${total}` : String(total);
    if (follows) box.scrollTop = box.scrollHeight;
  };
  return {
    element: panes,
    add(data, event) {
      total++;
      rows.push(
        h("li", {}, event === undefined ? undefined : h("b", {}, `${event} `), h("code", {}, data)),
      );
      if (event === undefined && stream?.text) waiting += textOf(stream.text, data);
      // A page in the background gets no frames; what is shown then waits for the end.
      if (frame === 0) frame = requestAnimationFrame(flush);
    },
    flush,
  };
}

function textOf(
  text: NonNullable<NonNullable<OperationDescription["stream"]>["text"]>,
  data: string,
): string {
  try {
    return itemText(text, JSON.parse(data));
  } catch {
    // The end mark is not JSON.
    return "";
  }
}

function headerTable(list: Head["headers"]): HTMLElement {
  const rows = list.map(([name, value]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value))
  );
  return h("table", { class: "headers" }, h("tbody", {}, ...rows));
}

function bodyView(text: string, contentType: string): HTMLElement {
  if (text === "") return h("p", { class: "note" }, "The answer has no body.");
  let shown: readonly (HTMLElement | string)[] = [text];
  if (contentType.includes("json") && text.length <= MOST_JSON) {
    try {
      shown = colouredJson(JSON.stringify(JSON.parse(text), null, 2));
    } catch {
      // Shown as it came.
    }
  }
  return h("pre", { class: "code", tabindex: 0, role: "region", "aria-label": "Body" }, ...shown);
}

function bytesView(bytes: Blob, name: string): HTMLElement {
  const url = URL.createObjectURL(bytes);
  const link = h("a", { href: url, download: name, class: "button" }, `Save ${size(bytes.size)}`);
  if (!/^image\/(?:png|jpeg|gif|webp)/.test(bytes.type)) return h("p", {}, link);
  return h("div", {}, h("img", { src: url, alt: "The answer, an image" }), h("p", {}, link));
}
