/** Asks for the key, where the worker wants one. */
import { button, h, newId, on } from "../parts/dom.ts";

/** Resolves with the key; undefined: none was given. `why`: what the worker said. */
export function askKey(why: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const id = newId();
  const input = h("input", {
    id,
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
    placeholder: "vsk_…",
  });
  const dialog = h("dialog", { "aria-labelledby": `${id}t` });
  const form = on(
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: `${id}t` }, "Key"),
      h("p", {}, why),
      h("label", { for: id }, "API key or token"),
      input,
      h("p", { class: "note" }, "It stays in this tab until that is closed."),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "primary" }, "Use it"),
        button("Cancel", () => dialog.close()),
      ),
    ),
    {
      onsubmit: () => resolve(input.value.trim()),
    },
  );
  dialog.append(form);
  on(dialog, {
    onclose: () => {
      dialog.remove();
      resolve(undefined);
    },
  });
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}
