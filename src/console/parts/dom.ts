/** Elements in one expression. Text is only ever text: nothing here parses HTML. */

type Child = Node | string | undefined | false;
type Props<E> = {
  readonly [K in keyof E]?: E[K] extends (...args: never[]) => unknown ? never : E[K];
};

export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAll(element, attributes);
  element.append(...children.filter(isShown));
  return element;
}

/** The same with properties, such as handlers. */
export function on<E extends HTMLElement>(element: E, props: Props<E>): E {
  return Object.assign(element, props);
}

export function svg(tag: string, attributes: Attributes, ...children: readonly Node[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

export function button(
  label: string,
  act: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  return on(h("button", { type: "button", ...attributes }, label), { onclick: act });
}

function setAll(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

function isShown(child: Child): child is Node | string {
  return child !== undefined && child !== false;
}

let count = 0;

/** For the `id` of an element that another refers to. */
export function newId(): string {
  return `x${++count}`;
}
