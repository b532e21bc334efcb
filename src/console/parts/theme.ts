/** Light, dark, or as the system has it. */
import { h, on } from "../parts/dom.ts";

const THEME = "vastar.theme";
const CHOICES = [["", "System"], ["light", "Light"], ["dark", "Dark"]] as const;

export function themeSwitch(): HTMLElement {
  const root = document.documentElement;
  root.dataset["theme"] = localStorage.getItem(THEME) ?? "";
  const select = h(
    "select",
    { "aria-label": "Theme", class: "quiet" },
    ...CHOICES.map(([value, label]) => h("option", { value }, label)),
  );
  select.value = root.dataset["theme"];
  return on(select, {
    onchange: () => {
      root.dataset["theme"] = select.value;
      if (select.value === "") localStorage.removeItem(THEME);
      else localStorage.setItem(THEME, select.value);
    },
  });
}
