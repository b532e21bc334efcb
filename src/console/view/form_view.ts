/** The form of an input: fields that write into the value, drawn anew where the value gets another shape. */
import {
  type Field,
  fieldOf,
  type ListField,
  type ObjectField,
  type VariantField,
} from "../form/field.ts";
import { isNode, type Types } from "../form/schema.ts";
import { addedOf, type Path, valueAt, variantOf, withValue } from "../form/value.ts";
import { button, h, newId, on } from "../parts/dom.ts";
import { control, type Leaf } from "./control.ts";
import { prose } from "../parts/prose.ts";

export interface FormOptions {
  readonly types: Types;
  /** Names of properties that are short: parts of the URL. */
  readonly short: ReadonlySet<string>;
  /** The input, as it is now. */
  get(): unknown;
  set(value: unknown): void;
}

export interface FormView {
  readonly element: HTMLElement;
  /** Draws everything anew. */
  draw(): void;
  /** Says what is wrong beside the fields, by JSON pointer; returns those that are not shown. */
  mark(mistakes: readonly Mistake[]): void;
}

interface Mistake {
  readonly pointer: string;
  readonly message: string;
}

export function formView(schema: unknown, options: FormOptions): FormView {
  const { types, get, set } = options;
  const element = h("div", { class: "form" });
  const change = (path: Path, value: unknown): void => set(withValue(get(), path, value));

  function draw(): void {
    element.replaceChildren(...body(fieldOf(schema, types), []));
  }

  /** What stands below the label of a field. */
  function body(field: Field, path: Path): HTMLElement[] {
    switch (field.kind) {
      case "object":
        return objectBody(field, path);
      case "list":
        return listBody(field, path);
      case "variant":
        return variantBody(field, path);
      default: {
        const leaf = control(field, valueAt(get(), path), (value) => change(path, value), {
          name: nameOf(path),
          short: path.length === 1 && options.short.has(String(path[0])),
          required: true,
        });
        return [labelled(leaf, path)];
      }
    }
  }

  function labelled(leaf: Leaf, path: Path): HTMLElement {
    return h("div", { class: "leaf", "data-pointer": pointerOf(path) }, leaf.element);
  }

  function objectBody(field: ObjectField, path: Path): HTMLElement[] {
    const value = valueAt(get(), path);
    const given = isNode(value) ? value : {};
    // What is required and can have one value only is seen in the kind that was chosen.
    const asked = field.properties.filter(({ required, schema: inner }) =>
      !required || fieldOf(inner, types).kind !== "constant"
    );
    const shown = asked.filter(({ name, required }) => required || Object.hasOwn(given, name));
    const others = asked.filter((one) => !shown.includes(one));
    const known = new Set(field.properties.map(({ name }) => name));
    const extras = Object.keys(given).filter((name) => !known.has(name));
    const rows = shown.map(({ name, schema: inner, required }) =>
      row(name, inner, [...path, name], required)
    );
    for (const name of extras) rows.push(row(name, field.extra ?? {}, [...path, name], false));
    if (others.length > 0) rows.push(moreFields(others, path));
    if (field.extra !== undefined) rows.push(addExtra(field.extra, path));
    return rows.length === 0 ? [h("p", { class: "note" }, "No input is needed.")] : rows;
  }

  function row(name: string, inner: unknown, path: Path, required: boolean): HTMLElement {
    const field = fieldOf(inner, types);
    const short = path.length === 1 && options.short.has(name);
    const id = newId();
    const remove = required ? undefined : button("×", () => {
      change(path, undefined);
      redraw(path.slice(0, -1));
    }, { class: "icon", "aria-label": `Remove ${name}`, title: "Remove" });
    const title: (HTMLElement | undefined)[] = [
      required ? h("span", { class: "required" }, "required") : undefined,
      field.deprecated ? h("span", { class: "badge" }, "deprecated") : undefined,
    ];
    const doc = field.doc === undefined ? undefined : docOf(field.doc);
    if (isLeaf(field)) {
      const value = valueAt(get(), path);
      const leaf = control(field, value, (next) => change(path, next), {
        name,
        short,
        required,
        id,
      });
      if (doc !== undefined) {
        doc.id = newId();
        leaf.input.setAttribute("aria-describedby", doc.id);
      }
      return h(
        "div",
        { class: "row", "data-pointer": pointerOf(path) },
        h("div", { class: "head" }, h("label", { for: id }, name), ...title, remove),
        doc,
        leaf.element,
      );
    }
    return h(
      "div",
      { class: "row", role: "group", "aria-label": name, "data-pointer": pointerOf(path) },
      h("div", { class: "head" }, h("span", { class: "name" }, name), ...title, remove),
      doc,
      inside(field, path),
    );
  }

  /** What is drawn anew when the value there changes its shape. */
  function inside(field: Field, path: Path): HTMLElement {
    return h("div", { class: "inside", "data-inside": pointerOf(path) }, ...body(field, path));
  }

  function redraw(path: Path): void {
    if (path.length === 0) return draw();
    const at = [...element.querySelectorAll<HTMLElement>("[data-inside]")]
      .find((one) => one.dataset["inside"] === pointerOf(path));
    if (at === undefined) return draw();
    at.replaceChildren(...body(fieldAt(path), path));
  }

  /** Follows the schema along the value, as the form did. */
  function fieldAt(path: Path): Field {
    let field = fieldOf(schema, types);
    for (const [depth, key] of path.entries()) {
      field = fieldOf(innerSchema(settled(field, path.slice(0, depth)), key), types);
    }
    return field;
  }

  function settled(field: Field, path: Path): Field {
    if (field.kind !== "variant") return field;
    const at = variantOf(field, valueAt(get(), path), types);
    return settled(fieldOf(field.variants[at]?.schema, types), path);
  }

  function listBody(field: ListField, path: Path): HTMLElement[] {
    const value = valueAt(get(), path);
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    const items = list.map((_, at) => {
      const inner = fieldOf(field.item, types);
      const remove = button("×", () => {
        change([...path, at], undefined);
        redraw(path);
      }, { class: "icon", "aria-label": `Remove item ${at + 1}`, title: "Remove" });
      return h(
        "div",
        { class: "item", role: "group", "aria-label": `Item ${at + 1}` },
        inside(inner, [...path, at]),
        remove,
      );
    });
    const add = button("Add item", () => {
      const made = addedOf(fieldOf(field.item, types), types);
      change([...path, list.length], made);
      redraw(path);
    }, { class: "small" });
    return [...items, add];
  }

  function variantBody(field: VariantField, path: Path): HTMLElement[] {
    const at = variantOf(field, valueAt(get(), path), types);
    const select = h(
      "select",
      { "aria-label": "Kind", class: "kind" },
      ...field.variants.map(({ label }, n) => h("option", { value: n }, label)),
    );
    select.value = String(at);
    on(select, {
      onchange: () => {
        const chosen = field.variants[Number(select.value)];
        change(path, addedOf(fieldOf(chosen?.schema, types), types));
        redraw(path);
      },
    });
    return [select, ...body(fieldOf(field.variants[at]?.schema, types), path)];
  }

  function moreFields(properties: ObjectField["properties"], path: Path): HTMLElement {
    const select = h(
      "select",
      { "aria-label": "Add a field", class: "add" },
      h("option", { value: "" }, `Add a field (${properties.length}) …`),
      ...properties.map(({ name }) => h("option", { value: name }, name)),
    );
    return on(select, {
      onchange: () => {
        const { name, schema: inner } = properties.find((one) => one.name === select.value) ?? {};
        if (name === undefined) return;
        // A value of its own makes the field stay, also where there is none to begin with.
        change([...path, name], addedOf(fieldOf(inner, types), types));
        redraw(path);
        focusOn([...path, name]);
      },
    });
  }

  function addExtra(inner: unknown, path: Path): HTMLElement {
    const name = h("input", { "aria-label": "Name of a property", placeholder: "name" });
    const add = button("Add", () => {
      if (name.value === "") return name.focus();
      const key = [...path, name.value];
      change(key, addedOf(fieldOf(inner, types), types));
      redraw(path);
      focusOn(key);
    }, { class: "small" });
    return h("div", { class: "line" }, name, add);
  }

  function focusOn(path: Path): void {
    const at = [...element.querySelectorAll<HTMLElement>("[data-pointer]")]
      .find((one) => one.dataset["pointer"] === pointerOf(path));
    at?.querySelector<HTMLElement>("input, textarea, select, .inside button")?.focus();
  }

  function mark(mistakes: readonly Mistake[]): void {
    for (const old of element.querySelectorAll(".mistake")) old.remove();
    for (const old of element.querySelectorAll("[aria-invalid]")) {
      old.removeAttribute("aria-invalid");
    }
    const places = [...element.querySelectorAll<HTMLElement>("[data-pointer]")];
    for (const { pointer, message } of mistakes) {
      const place = places.find((one) => one.dataset["pointer"] === pointer);
      place?.append(h("p", { class: "mistake" }, message));
      place?.querySelector("input, textarea, select")?.setAttribute("aria-invalid", "true");
    }
  }

  return { element, draw, mark };
}

function nameOf(path: Path): string {
  const last = path.at(-1) ?? "input";
  return typeof last === "number" ? `item ${last + 1}` : last;
}

function innerSchema(field: Field, key: string | number): unknown {
  if (field.kind === "list") return field.item;
  if (field.kind !== "object") return {};
  return field.properties.find(({ name }) => name === key)?.schema ?? field.extra ?? {};
}

function isLeaf(field: Field): boolean {
  return field.kind !== "object" && field.kind !== "list" && field.kind !== "variant";
}

function pointerOf(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The first sentence, and the rest on demand. */
function docOf(doc: string): HTMLElement {
  const [first = doc] = /^.{1,160}?[.!?](?=\s|$)/s.exec(doc) ?? [];
  const rest = doc.slice(first.length).trim();
  if (rest === "") return h("div", { class: "doc" }, ...prose(doc));
  return h("details", { class: "doc" }, h("summary", {}, ...prose(first)), ...prose(rest));
}
