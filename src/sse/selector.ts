import { select, type SelectorPath } from "../core/rules/select.ts";

/**
 * A function for `$.choices[0].delta.content`, `$["odd key"]`, `$[-1]` or `$`. For selectors typed by people; generated
 * code contains the segments. Throws a SyntaxError that says where the text stops making sense.
 */
export function selector(text: string): (value: unknown) => unknown {
  const path = parseSelector(text);
  return (value) => select(path, value);
}

const SEGMENT = /\.([A-Za-z_$][\w$-]*)|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;

export function parseSelector(text: string): SelectorPath {
  if (!text.startsWith("$")) {
    throw new SyntaxError(
      `The selector ${JSON.stringify(text)} must start with $, as in $.choices[0].text`,
    );
  }
  const path: (string | number)[] = [];
  SEGMENT.lastIndex = 1;
  while (SEGMENT.lastIndex < text.length) {
    const at = SEGMENT.lastIndex;
    const match = SEGMENT.exec(text);
    if (match === null) {
      throw new SyntaxError(
        `The selector ${JSON.stringify(text)} cannot be read at character ${
          at + 1
        }: use .key, ["key"] or [0]`,
      );
    }
    if (match[1] !== undefined) path.push(match[1]);
    else if (match[2] !== undefined) path.push(Number(match[2]));
    else path.push(JSON.parse(`"${match[3] ?? ""}"`) as string);
  }
  return path;
}
