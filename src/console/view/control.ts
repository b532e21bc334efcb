/** The control of a field that has no others in it. */
import type { Field } from "../form/field.ts";
import { fromText, isFile } from "../form/text.ts";
import { h, newId, on } from "../parts/dom.ts";

export interface ControlOptions {
  readonly name: string;
  readonly required: boolean;
  /** One line is enough. */
  readonly short: boolean;
  /** Where a label refers to it; else it has the name as its own. */
  readonly id?: string;
}

export interface Leaf {
  readonly element: HTMLElement;
  /** The control itself. */
  readonly input: HTMLElement;
}

/** `change` is called with undefined where nothing is given. */
export function control(
  field: Field,
  value: unknown,
  change: (value: unknown) => void,
  options: ControlOptions,
): Leaf {
  const { name, required, id } = options;
  const named = id === undefined ? { "aria-label": name } : { id };
  const whole = (input: HTMLElement): Leaf => ({ element: input, input });
  switch (field.kind) {
    case "text":
      return textControl(field, value, change, { ...options, named });
    case "number": {
      const input = h("input", {
        ...named,
        type: "number",
        step: field.whole ? 1 : "any",
        min: field.least,
        max: field.most,
        placeholder: field.fallback === undefined ? undefined : String(field.fallback),
      });
      input.value = typeof value === "number" ? String(value) : "";
      return whole(on(input, {
        oninput: () => change(input.value === "" ? undefined : Number(input.value)),
      }));
    }
    case "boolean":
      return whole(
        choose(
          ["true", "false"],
          value,
          required,
          named,
          (text) => change(text === undefined ? undefined : text === "true"),
        ),
      );
    case "choice": {
      const texts = field.values.map(String);
      return whole(
        choose(
          texts,
          value,
          required,
          named,
          (text) => change(text === undefined ? undefined : field.values[texts.indexOf(text)]),
        ),
      );
    }
    case "constant": {
      const input = h("input", { ...named, readonly: true });
      input.value = typeof field.value === "string" ? field.value : JSON.stringify(field.value);
      return whole(input);
    }
    case "file":
      return fileControl(value, change, named);
    default:
      return jsonControl(value, change, named);
  }
}

type Named = Readonly<Record<string, string>>;

function choose(
  texts: readonly string[],
  value: unknown,
  required: boolean,
  named: Named,
  change: (text: string | undefined) => void,
): HTMLElement {
  const given = value === undefined || value === null ? "" : String(value);
  // A value that is not known stays what it is.
  const known = given === "" || texts.includes(given) ? texts : [given, ...texts];
  const select = h(
    "select",
    named,
    required && given !== "" ? undefined : h("option", { value: "" }, "not set"),
    ...known.map((text) => h("option", { value: text }, text)),
  );
  select.value = given;
  return on(select, {
    onchange: () => change(select.value === "" ? undefined : select.value),
  });
}

function textControl(
  field: Extract<Field, { kind: "text" }>,
  value: unknown,
  change: (value: unknown) => void,
  { short, required, named }: ControlOptions & { readonly named: Named },
): Leaf {
  const { format, suggestions, maxLength } = field;
  const text = typeof value === "string" ? value : "";
  const given = (next: string): void => change(next === "" && !required ? undefined : next);
  if (!short && format === undefined && suggestions.length === 0) {
    const area = h("textarea", { ...named, rows: 1, maxlength: maxLength });
    area.value = text;
    on(area, { oninput: () => given(area.value) });
    return { element: area, input: area };
  }
  const list = suggestions.length === 0 ? undefined : newId();
  const input = h("input", {
    ...named,
    type: format === "password" ? "password" : "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: maxLength,
    placeholder: format,
    list,
  });
  input.value = text;
  on(input, { oninput: () => given(input.value) });
  if (list === undefined) return { element: input, input };
  const options = suggestions.map((one) => h("option", { value: one }));
  return { element: h("div", {}, input, h("datalist", { id: list }, ...options)), input };
}

function fileControl(value: unknown, change: (value: unknown) => void, named: Named): Leaf {
  const input = h("input", { ...named, type: "file" });
  const chosen = h("span", { class: "note" }, isFile(value) ? `Chosen: ${value.name}` : "");
  on(input, {
    onchange: () => {
      const file = input.files?.[0];
      chosen.textContent = file === undefined ? "" : `${file.size} bytes`;
      change(file);
    },
  });
  return { element: h("div", { class: "line" }, input, chosen), input };
}

/** Any value as JSON; what is not JSON yet is not taken over. */
function jsonControl(value: unknown, change: (value: unknown) => void, named: Named): Leaf {
  const area = h("textarea", { ...named, class: "mono", rows: 2, spellcheck: "false" });
  area.value = value === undefined ? "" : JSON.stringify(value, null, 2);
  const wrong = h("p", { class: "mistake", hidden: true });
  on(area, {
    oninput: () => {
      const read = area.value.trim() === ""
        ? { value: undefined }
        : fromText(area.value, new Map());
      wrong.hidden = "value" in read;
      if ("value" in read) change(read.value);
      else wrong.textContent = read.mistake;
    },
  });
  return { element: h("div", {}, area, wrong), input: area };
}
