/** The first page: what the runtime is doing, and what can be called. */
import type { ConnectorSummary } from "../../worker/describe.ts";
import type { EngineView, Figures } from "../../worker/figures/figures.ts";
import type { WorkerClient } from "../call/worker.ts";
import type { Series } from "../figures/series.ts";
import { chart } from "../parts/chart.ts";
import { h } from "../parts/dom.ts";
import { figure, milliseconds, perSecond } from "../parts/measures.ts";
import type { Page } from "./operation_page.ts";

const EVERY_MS = 2_000;

export function homePage(
  title: string,
  connectors: readonly ConnectorSummary[],
  worker: WorkerClient,
  /** Goes on where it was when the page was left. */
  series: Series,
): Page {
  const board = h("div", { class: "board" });
  const state = h("p", { class: "note" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let left = false;

  async function poll(): Promise<void> {
    timer = undefined;
    if (left || document.hidden) return;
    try {
      const figures = await worker.figures();
      if (left) return;
      if (figures === undefined) {
        state.textContent = "This worker shows no figures: add the part figures() to it.";
        return;
      }
      series.add(figures, performance.now());
      board.replaceChildren(...cards(figures, series, worker.rateLimit));
      state.textContent = "";
    } catch (error) {
      if (left) return;
      state.textContent = error instanceof Error ? error.message : String(error);
    }
    next();
  }

  /** Nobody looks at a page in the background, and asking costs requests. */
  function next(): void {
    if (left || document.hidden || timer !== undefined) return;
    timer = setTimeout(() => void poll(), EVERY_MS);
  }
  document.addEventListener("visibilitychange", next);
  void poll();

  return {
    title,
    element: h(
      "div",
      { class: "page" },
      h(
        "header",
        { class: "heading" },
        h("h1", { tabindex: -1 }, title),
        h("p", {}, "Choose an operation, fill in its form and send it."),
      ),
      h(
        "section",
        { "aria-label": "Connectors" },
        h("h2", {}, "Connectors"),
        h("div", { class: "tiles" }, ...connectors.map(tile)),
      ),
      h("section", { "aria-label": "Runtime" }, h("h2", {}, "Runtime"), state, board),
    ),
    leave() {
      left = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", next);
    },
  };
}

function tile({ id, title, doc, configured, operations }: ConnectorSummary): HTMLElement {
  return h(
    "a",
    { class: "card tile", href: `#/${id}` },
    h("strong", {}, title),
    h(
      "span",
      { class: configured ? "badge good" : "badge" },
      configured ? "configured" : "not configured",
    ),
    h("span", { class: "doc" }, doc ?? ""),
    h("span", { class: "note" }, `${operations.length} operations`),
  );
}

function cards(
  { calls, tenants, runtime, engine }: Figures,
  { points }: Series,
  rateLimit: WorkerClient["rateLimit"],
): HTMLElement[] {
  const last = points.at(-1);
  const all: (HTMLElement | undefined)[] = [
    card("Calls", `${perSecond(last?.calls ?? 0)} / s`, [
      chart("Calls a second", [
        points.map((point) => point.calls),
        points.map((point) => point.failed),
      ]),
      facts([["Total", String(calls.total)], ["Failed", String(calls.failed)]]),
    ]),
    card("Latency", last?.p50 === undefined ? "–" : milliseconds(last.p50), [
      chart("Latency", [points.map((point) => point.p95), points.map((point) => point.p50)]),
      facts([["p50", orNone(last?.p50)], ["p95", orNone(last?.p95)]]),
    ]),
    runtime && card("In progress", String(runtime.active), [
      chart("Calls in progress", [points.map((point) => point.active)]),
      facts([["State", runtime.message], ["Room for", String(runtime.credits)]]),
    ]),
    engine && breakers(engine),
    engine && limits(engine, rateLimit),
    tenants === undefined || tenants.length === 0
      ? undefined
      : card("Tenants", String(tenants.length), [
        bars(tenants.map(({ tenant, total, failed }) => [
          tenant,
          total,
          `${total}${failed > 0 ? `, ${failed} failed` : ""}`,
        ])),
      ]),
  ];
  return all.filter((one) => one !== undefined);
}

function breakers({ breakers: { closed, others } }: EngineView): HTMLElement {
  const state = others.length === 0 ? "All closed" : `${others.length} open`;
  return card("Breakers", state, [
    facts(closed === undefined ? [] : [["Closed", String(closed)]]),
    h(
      "ul",
      { class: "plain" },
      ...others.map(({ origin, state: now, retryAfterMs }) =>
        h("li", {}, h("code", {}, origin), ` ${now}, again in ${milliseconds(retryAfterMs)}`)
      ),
    ),
  ], others.length > 0 ? "bad" : "");
}

function limits(
  { limits: rules = [], quotas }: EngineView,
  rateLimit: WorkerClient["rateLimit"],
): HTMLElement {
  const queued = rules.reduce((sum, rule) => sum + rule.queued, 0);
  const own: [string, number, string][] = rateLimit === undefined
    ? []
    : [["requests left", rateLimit.left / rateLimit.of, `${rateLimit.left} of ${rateLimit.of}`]];
  return card("Limits", `${queued} waiting`, [
    table(
      ["limit", "waiting", "refused"],
      rules.map((rule) => [rule.limit, rule.queued, rule.refused]),
    ),
    bars([
      ...own,
      ...quotas.slice(0, 5).map((
        { tenant, what, period, limit, used },
      ): [string, number, string] => [
        `${tenant || "all"}: ${what} a ${period}`,
        used / limit,
        `${used} of ${limit}`,
      ]),
    ], 1),
  ]);
}

function card(
  name: string,
  value: string,
  inner: readonly HTMLElement[],
  kind = "",
): HTMLElement {
  return h(
    "section",
    { class: `card figure ${kind}`, "aria-label": name },
    h("h3", {}, name),
    h("p", { class: "value" }, value),
    ...inner,
  );
}

function facts(list: readonly (readonly [string, string])[]): HTMLElement {
  return h("dl", { class: "measures" }, ...list.map(([name, value]) => figure(name, value)));
}

function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): HTMLElement {
  const cells = (kind: "td" | "th", list: readonly (string | number)[]) =>
    h(
      "tr",
      {},
      ...list.map((one, at) =>
        at === 0 && kind === "td"
          ? h("th", { scope: "row" }, String(one))
          : h(kind, {}, String(one))
      ),
    );
  return h(
    "table",
    { class: "counts" },
    h("thead", {}, cells("th", head)),
    h("tbody", {}, ...rows.map((row) => cells("td", row))),
  );
}

/** `most`: the value of a whole bar; else the greatest. */
function bars(list: readonly (readonly [string, number, string])[], most?: number): HTMLElement {
  const whole = most ?? Math.max(1, ...list.map(([, value]) => value));
  return h(
    "ul",
    { class: "plain bars" },
    ...list.map(([name, value, text]) =>
      h(
        "li",
        {},
        h("span", {}, name),
        h("meter", { min: 0, max: whole, value, "aria-label": name }),
        h("span", { class: "note" }, text),
      )
    ),
  );
}

function orNone(ms: number | undefined): string {
  return ms === undefined ? "–" : milliseconds(ms);
}
