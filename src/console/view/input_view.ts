/** The input of an operation: as a form or as JSON, whichever is at hand, both of the same value. */
import type { BodyAlternative, JsonSchema } from "../../connector/definition/definition.ts";
import type { OperationDescription } from "../../worker/describe.ts";
import { bodyChoice } from "../form/body_choice.ts";
import { fieldOf } from "../form/field.ts";
import { filesIn, fromText, toText } from "../form/text.ts";
import { emptyOf } from "../form/value.ts";
import { h, on } from "../parts/dom.ts";
import { type FormView, formView } from "./form_view.ts";
import { tabs } from "../parts/tabs.ts";

export interface Given {
  readonly input: unknown;
  /** The chosen form of the body, where there is a choice. */
  readonly form: BodyAlternative | undefined;
}

export interface InputView {
  /** Form, text and the bar over them. */
  readonly parts: readonly HTMLElement[];
  readonly mark: FormView["mark"];
  /** Undefined while the text is not JSON: then that has the focus. */
  read(): Given | undefined;
}

/** `kept`: where the value stays while other operations are looked at. */
export function inputView(
  operation: OperationDescription,
  kept: Map<string, unknown>,
  changed: (given: Given) => void,
): InputView {
  const { id, connector, types, examples, parameters } = operation;
  const key = `${connector}/${id}`;
  const typeKey = `${key} content-type`;
  const forms = bodyChoice(operation);
  let chosen = forms.find(({ contentType }) => contentType === kept.get(typeKey)) ?? forms[0];
  const schema = (): JsonSchema => chosen?.input ?? operation.input;
  const empty = (): unknown => emptyOf(fieldOf(schema(), types), types);
  const begin = (): unknown =>
    (schema() === operation.input ? examples[0]?.input : undefined) ?? empty();
  let value = kept.get(key) ?? begin();
  /** Those that were chosen: the text has only their names. */
  const files = filesIn(value);
  const set = (next: unknown): void => {
    value = next;
    filesIn(next, files);
    kept.set(key, next);
    changed({ input: next, form: chosen });
  };
  const short = new Set(parameters.map(({ name }) => name));
  let mistake: string | undefined;
  const makeForm = (): FormView =>
    formView(schema(), {
      types,
      short,
      get: () => value,
      set(next) {
        // What is written in the form takes the place of a text that is not JSON.
        mistake = undefined;
        set(next);
      },
    });
  let form = makeForm();
  const formPanel = h("div", {}, form.element);

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
    { label: "Form", panel: formPanel, show: () => form.draw() },
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
      const picked = choose.value;
      if (picked === "") return;
      // Examples are of the spec's first form.
      if (picked !== "empty" && schema() !== operation.input) take(forms[0]);
      set(
        picked === "empty" ? empty() : examples[Number(picked)]?.input ?? {},
      );
      draw();
      choose.value = "";
    },
  });
  const type = h(
    "select",
    { "aria-label": "Media type of the body" },
    ...forms.map(({ contentType }) => h("option", { value: contentType }, contentType)),
  );
  type.value = chosen?.contentType ?? "";
  /** True if it is made of another type. */
  const take = (next: BodyAlternative | undefined): boolean => {
    const before = schema();
    chosen = next;
    type.value = next?.contentType ?? "";
    kept.set(typeKey, type.value);
    if (schema() === before) return false;
    form = makeForm();
    formPanel.replaceChildren(form.element);
    return true;
  };
  on(type, {
    onchange: () => {
      const other = take(forms.find(({ contentType }) => contentType === type.value));
      set(other ? begin() : value);
      draw();
    },
  });
  draw();
  return {
    parts: [
      h("div", { class: "bar" }, bar.bar, choose, forms.length > 0 && type),
      ...bar.panels,
    ],
    mark: (mistakes) => form.mark(mistakes),
    read() {
      if (mistake === undefined) return { input: value, form: chosen };
      bar.select(1);
      area.focus();
      return undefined;
    },
  };
}
