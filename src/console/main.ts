/** The console: the page of a worker on which its operations are tried. */
import type { ConnectorSummary } from "../worker/describe.ts";
import { Refused, WorkerClient } from "./call/worker.ts";
import type { StandIn } from "./code/typescript.ts";
import { Series } from "./figures/series.ts";
import { readRoute } from "./route.ts";
import { connectorPage } from "./view/connector_page.ts";
import { button, h } from "./parts/dom.ts";
import { homePage } from "./view/home_page.ts";
import { askKey } from "./view/key_dialog.ts";
import { operationPage, type Page } from "./view/operation_page.ts";
import { sidebar } from "./view/sidebar.ts";
import { themeSwitch } from "./parts/theme.ts";

interface Settings {
  readonly title: string;
  readonly links: readonly (readonly [label: string, path: string])[];
  readonly standIns: Readonly<Record<string, StandIn>>;
}

const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "{}") as Settings;
// The worker may be mounted below another application, with or without a slash at its end.
const worker = new WorkerClient(location.pathname.replace(/\/?$/, "/"));
const side = sidebar((id) => worker.connector(id));
const main = h("main", { id: "main" });
const series = new Series();
const inputs = new Map<string, unknown>();
let connectors: readonly ConnectorSummary[] = [];
let page: Page | undefined;
let turn = 0;

const menu = button("Operations", () => showMenu(!menuIsOpen()), {
  class: "menu-button",
  "aria-expanded": "false",
});
const keyButton = button("Key", () => void changeKey(), { class: "quiet", hidden: true });

document.body.append(
  h("a", { class: "skip", href: "#main" }, "Skip to the operation"),
  h(
    "header",
    { class: "top" },
    menu,
    h("a", { class: "brand", href: "#/" }, settings.title),
    h(
      "nav",
      { "aria-label": "Worker" },
      ...settings.links.map(([label, path]) => h("a", { href: worker.base + path }, label)),
    ),
    keyButton,
    themeSwitch(),
  ),
  h("aside", {}, side.element),
  main,
);
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  main.querySelector("h1")?.focus();
});

function menuIsOpen(): boolean {
  return document.body.classList.contains("menu");
}

/** On a narrow screen it covers the page. */
function showMenu(open: boolean): void {
  document.body.classList.toggle("menu", open);
  menu.setAttribute("aria-expanded", String(open));
  if (open) side.focus();
}

/** Asks for a key as long as the worker wants one; other failures are for the caller. */
async function withKey<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const answer = await ask();
      keyButton.hidden = worker.key === undefined;
      return answer;
    } catch (error) {
      if (!(error instanceof Refused) || !error.wantsKey) throw error;
      const key = await askKey(error.message);
      if (key === undefined) throw error;
      worker.key = key;
    }
  }
}

async function changeKey(): Promise<void> {
  worker.key = undefined;
  await start();
}

async function start(): Promise<void> {
  page?.leave?.();
  page = undefined;
  try {
    connectors = await withKey(() => worker.connectors());
  } catch (error) {
    side.show([]);
    return main.replaceChildren(failure(error));
  }
  side.show(connectors);
  await open(false);
}

/** `moved`: somebody followed a link, so that the focus goes along. */
async function open(moved: boolean): Promise<void> {
  const mine = ++turn;
  const { connector, operation } = readRoute(location.hash);
  showMenu(false);
  side.mark(location.hash);
  try {
    const next = await pageOf(connector, operation);
    if (mine !== turn) return;
    page?.leave?.();
    page = next;
    document.title = next.title === settings.title
      ? next.title
      : `${next.title} · ${settings.title}`;
    main.replaceChildren(next.element);
  } catch (error) {
    if (mine !== turn) return;
    page?.leave?.();
    page = undefined;
    main.replaceChildren(failure(error));
  }
  if (moved) {
    scrollTo(0, 0);
    main.querySelector("h1")?.focus();
  }
}

async function pageOf(id: string | undefined, name: string | undefined): Promise<Page> {
  if (id === undefined) {
    const sorted = [...connectors].sort((a, b) => Number(b.configured) - Number(a.configured));
    return homePage(settings.title, sorted, worker, series);
  }
  if (name === undefined) return connectorPage(await withKey(() => worker.connector(id)));
  const [connector, operation] = await withKey(() =>
    Promise.all([worker.connector(id), worker.operation(id, name)])
  );
  return operationPage({ worker, connector, operation, standIn: settings.standIns[id], inputs });
}

function failure(error: unknown): HTMLElement {
  const known = error instanceof Refused;
  const text = known
    ? error.message
    : `The worker cannot be reached: ${error instanceof Error ? error.message : String(error)}.`;
  const missing = known && error.problem.status === 404;
  const heading = missing ? "There is no such page" : "This cannot be shown";
  document.title = `${heading} · ${settings.title}`;
  return h(
    "div",
    { class: "page" },
    h("h1", { tabindex: -1 }, heading),
    h("p", { class: "problem" }, text),
    missing
      ? h("p", {}, ...waysOn())
      : button("Try again", () => void start(), { class: "primary" }),
  );
}

/** From a link that leads nowhere. */
function waysOn(): (HTMLElement | string)[] {
  const near = connectors.find(({ id }) => id === readRoute(location.hash).connector);
  const home = h("a", { href: "#/" }, "All connectors");
  return near ? [h("a", { href: `#/${near.id}` }, `About ${near.title}`), " · ", home] : [home];
}

addEventListener("hashchange", () => void open(true));
document.addEventListener("keydown", (event) => {
  const writes = event.target instanceof HTMLElement &&
    event.target.matches("input, textarea, select");
  const asked = (event.key === "/" && !writes) ||
    (event.key === "k" && (event.ctrlKey || event.metaKey));
  if (asked) {
    event.preventDefault();
    showMenu(true);
  } else if (event.key === "Escape" && !event.defaultPrevented && menuIsOpen()) {
    showMenu(false);
    menu.focus();
  }
});
void start();
