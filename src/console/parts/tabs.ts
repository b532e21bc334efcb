/** Tabs as the ARIA practices describe them: one stop for Tab, arrows between them. */
import { h, newId, on } from "../parts/dom.ts";

export interface Tab {
  readonly label: string;
  readonly panel: HTMLElement;
  /** Called whenever it is chosen. */
  readonly show?: () => void;
}

export interface Tabs {
  readonly bar: HTMLElement;
  /** The panels, of which one is shown. */
  readonly panels: readonly HTMLElement[];
  select(at: number): void;
}

export function tabs(label: string, all: readonly Tab[]): Tabs {
  const buttons = all.map(({ label: text, panel }, at) => {
    panel.id ||= newId();
    panel.role = "tabpanel";
    const tab = h("button", { type: "button", role: "tab", "aria-controls": panel.id }, text);
    tab.id = newId();
    panel.setAttribute("aria-labelledby", tab.id);
    return on(tab, {
      onclick: () => select(at),
      onkeydown: (event: KeyboardEvent) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = (at + step + all.length) % all.length;
        select(next);
        buttons[next]?.focus();
      },
    });
  });
  function select(chosen: number): void {
    for (const [at, one] of buttons.entries()) {
      one.setAttribute("aria-selected", String(at === chosen));
      one.tabIndex = at === chosen ? 0 : -1;
      const panel = all[at]?.panel;
      if (panel !== undefined) panel.hidden = at !== chosen;
    }
    all[chosen]?.show?.();
  }
  const bar = h("div", { role: "tablist", "aria-label": label, class: "tabs" }, ...buttons);
  select(0);
  return { bar, panels: all.map(({ panel }) => panel), select };
}
