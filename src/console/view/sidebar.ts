/** The side list: connectors, configured ones first, their operations, and a search in all of them. */
import type { ConnectorDescription, ConnectorSummary } from "../../worker/describe.ts";
import { type Entry, find } from "../call/find.ts";
import { h, on } from "../parts/dom.ts";

/** More would not be read. */
const MOST_FOUND = 80;

export interface Sidebar {
  readonly element: HTMLElement;
  show(connectors: readonly ConnectorSummary[]): void;
  /** Marks what is open: the hash of the page. */
  mark(hash: string): void;
  focus(): void;
}

/** `describe`: for the words of summaries, which are asked for when somebody searches. */
export function sidebar(describe: (id: string) => Promise<ConnectorDescription>): Sidebar {
  const search = h("input", {
    type: "search",
    placeholder: "Search operations",
    "aria-label": "Search operations",
    autocomplete: "off",
  });
  const list = h("div", { class: "list" });
  const state = h("p", { class: "note", role: "status" });
  let all: readonly ConnectorSummary[] = [];
  let entries: readonly Entry[] = [];
  let described = false;
  let current = location.hash;

  function show(connectors: readonly ConnectorSummary[]): void {
    all = [...connectors].sort((a, b) => Number(b.configured) - Number(a.configured));
    entries = all.flatMap(({ id, operations }) =>
      operations.map((operation) => ({ connector: id, operation, summary: "" }))
    );
    described = false;
    draw();
  }

  function draw(): void {
    const asked = search.value.trim();
    if (asked === "") {
      state.textContent = all.length === 0 ? "No connectors are served." : "";
      const [ready, others] = [true, false].map((is) => all.filter((one) => one.configured === is));
      list.replaceChildren(
        ...(ready ?? []).map(group),
        (others ?? []).length === 0 ? "" : h("p", { class: "divider" }, "Not configured"),
        ...(others ?? []).map(group),
      );
    } else {
      const ready = new Set(all.filter((one) => one.configured).map(({ id }) => id));
      const matches = find(entries, asked);
      // What can be called, before what would have to be set up.
      const found = [true, false].flatMap((is) =>
        matches.filter(({ connector }) => ready.has(connector) === is)
      );
      state.textContent = found.length === 0
        ? "Nothing is found."
        : `${found.length} found${found.length > MOST_FOUND ? `, ${MOST_FOUND} shown` : ""}`;
      list.replaceChildren(
        h("ul", {}, ...found.slice(0, MOST_FOUND).map((one) => item(one, true))),
      );
    }
    mark(current);
  }

  function group({ id, title, configured, operations }: ConnectorSummary): HTMLElement {
    const inner = h("ul");
    const fill = (): void => {
      if (inner.childElementCount > 0) return;
      inner.append(
        ...operations.map((operation) => item({ connector: id, operation, summary: "" }, false)),
      );
      mark(current);
    };
    const details = h(
      "details",
      { "data-connector": id, class: configured ? "configured" : undefined },
      h(
        "summary",
        {},
        h("span", { class: "dot", "aria-hidden": "true" }),
        h("span", { class: "grow" }, title),
        h("span", { class: "count" }, String(operations.length)),
      ),
      h("p", { class: "about" }, h("a", { href: `#/${id}` }, `About ${title}`)),
      inner,
    );
    // An API may have a thousand operations: they are made when they are looked at.
    on(details, { ontoggle: () => details.open && fill() });
    return details;
  }

  function item({ connector, operation, summary }: Entry, found: boolean): HTMLElement {
    const link = h(
      "a",
      { href: `#/${connector}/${operation}` },
      h("span", { class: "id" }, operation),
      found ? h("span", { class: "of" }, connector) : undefined,
      summary === "" ? undefined : h("span", { class: "summary" }, summary),
    );
    return h("li", {}, link);
  }

  function mark(hash: string): void {
    current = hash;
    const id = hash.split("/")[1];
    for (const details of list.querySelectorAll("details")) {
      if (details.dataset["connector"] === id && id !== "") details.open = true;
    }
    for (const link of list.querySelectorAll("a")) {
      if (link.getAttribute("href") === hash) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** Once, when somebody searches: the summaries of all operations. */
  async function describeAll(): Promise<void> {
    if (described) return;
    described = true;
    const settled = await Promise.allSettled(all.map(({ id }) => describe(id)));
    entries = settled.flatMap((one) =>
      one.status === "rejected" ? [] : one.value.operations.map(({ id, summary }) => ({
        connector: one.value.id,
        operation: id,
        summary: summary ?? "",
      }))
    );
    if (search.value !== "") draw();
  }

  on(search, {
    onfocus: () => void describeAll(),
    oninput: draw,
    onkeydown: (event: KeyboardEvent) => {
      const links = list.querySelectorAll("a");
      if (event.key === "ArrowDown") {
        event.preventDefault();
        links[0]?.focus();
      } else if (event.key === "Enter" && search.value.trim() !== "") links[0]?.click();
      else if (event.key === "Escape" && search.value !== "") {
        event.preventDefault();
        search.value = "";
        draw();
      }
    },
  });
  on(list, {
    onkeydown: (event: KeyboardEvent) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const shown = [...list.querySelectorAll<HTMLElement>("a, summary")]
        .filter((one) => one.checkVisibility());
      const at = shown.indexOf(document.activeElement as HTMLElement);
      if (step === undefined || at < 0) return;
      event.preventDefault();
      (shown[at + step] ?? search).focus();
    },
  });

  return {
    element: h("nav", { "aria-label": "Operations" }, search, state, list),
    show,
    mark,
    focus() {
      search.focus();
      search.select();
    },
  };
}
