/** Code with a button that copies it. */
import { button, h } from "../parts/dom.ts";

export function codeBlock(name: string, text: string): HTMLElement {
  const copy = button("Copy", () => {
    void navigator.clipboard.writeText(text).then(() => done("Copied"), () => done("Not allowed"));
  }, { class: "small copy", "aria-label": `Copy ${name}` });
  const state = h("span", { role: "status", class: "hidden" });
  function done(word: string): void {
    copy.textContent = word;
    state.textContent = word;
    setTimeout(() => copy.textContent = "Copy", 1_500);
  }
  const code = h("pre", { class: "code", tabindex: 0, role: "region", "aria-label": name }, text);
  return h("div", { class: "block" }, code, copy, state);
}
