/** The input of an operation: as a form or as JSON, whichever is at hand, both of the same value. */
import type { OperationDescription } from "../../worker/describe.ts";
import { fieldOf } from "../form/field.ts";
import { filesIn, fromText, toText } from "../form/text.ts";
import { emptyOf } from "../form/value.ts";
import { h, on } from "../parts/dom.ts";
import { type FormView, formView } from "./form_view.ts";
import { tabs } from "../parts/tabs.ts";

export interface InputView {
  /** Form, text and the bar over them. */
  readonly parts: readonly HTMLElement[];
  readonly mark: FormView["mark"];
  /** Undefined while the text is not JSON: then that has the focus. */
  read(): { readonly input: unknown } | undefined;
}

/** `kept`: where the value stays while other operations are looked at. */
export function inputView(
  { id, connector, input: schema, types, examples, parameters }: OperationDescription,
  kept: Map<string, unknown>,
  changed: (value: unknown) => void,
): InputView {
  const key = `${connector}/${id}`;
  const begin = (): unknown => examples[0]?.input ?? emptyOf(fieldOf(schema, types), types);
  let value = kept.get(key) ?? begin();
  /** Those that were chosen: the text has only their names. */
  const files = filesIn(value);
  const set = (next: unknown): void => {
    value = next;
    filesIn(next, files);
    kept.set(key, next);
    changed(next);
  };
  const short = new Set(parameters.map(({ name }) => name));
  let mistake: string | undefined;
  const form = formView(schema, {
    types,
    short,
    get: () => value,
    set(next) {
      // What is written in the form takes the place of a text that is not JSON.
      mistake = undefined;
      set(next);
    },
  });

  const area = h("textarea", {
    class: "mono raw",
    "aria-label": "Input as JSON",
    spellcheck: "false",
    rows: 16,
  });
  const wrong = h("p", { class: "mistake", role: "alert" });
  on(area, {
    oninput: () => {
      const read = fromText(area.value, files);
      mistake = "mistake" in read ? read.mistake : undefined;
      wrong.textContent = mistake ?? "";
      if ("value" in read) set(read.value);
    },
  });
  const draw = (): void => {
    form.draw();
    area.value = toText(value);
    mistake = undefined;
    wrong.textContent = "";
  };
  const bar = tabs("Input", [
    // Each shows what was written in the other.
    { label: "Form", panel: form.element, show: () => form.draw() },
    {
      label: "JSON",
      panel: h("div", {}, area, wrong),
      show: () => {
        if (mistake !== undefined) return;
        area.value = toText(value);
        wrong.textContent = "";
      },
    },
  ]);
  const choose = h(
    "select",
    { "aria-label": "Example" },
    h("option", { value: "" }, "Examples …"),
    ...examples.map(({ name, doc }, at) =>
      h("option", { value: at }, doc === undefined ? name : `${name}: ${doc}`)
    ),
    h("option", { value: "empty" }, "empty"),
  );
  on(choose, {
    onchange: () => {
      const chosen = choose.value;
      if (chosen === "") return;
      set(
        chosen === "empty"
          ? emptyOf(fieldOf(schema, types), types)
          : examples[Number(chosen)]?.input ?? {},
      );
      draw();
      choose.value = "";
    },
  });
  draw();
  return {
    parts: [h("div", { class: "bar" }, bar.bar, choose), ...bar.panels],
    mark: form.mark,
    read() {
      if (mistake === undefined) return { input: value };
      bar.select(1);
      area.focus();
      return undefined;
    },
  };
}
