/** The text of PostgreSQL's arrays, both ways: `{1,NULL,"a b"}`, lists in lists, and bounds before it (`[0:1]={1,2}`). */

/** `element` makes the JSON of what is in it. */
export function arrayToJson(text: string, element: (text: string) => string): string {
  const start = text[0] === "[" ? text.indexOf("=") + 1 : 0;
  let json = "";
  let at = start;
  while (at < text.length) {
    const character = text[at] as string;
    if (character === "{") {
      json += "[";
      at++;
    } else if (character === "}") {
      json += "]";
      at++;
    } else if (character === "," || character === ";") {
      json += ",";
      at++;
    } else if (character === '"') {
      const [value, end] = quoted(text, at + 1);
      json += element(value);
      at = end;
    } else {
      let end = at;
      while (end < text.length && !",{};".includes(text[end] as string)) end++;
      const value = text.slice(at, end);
      json += value === "NULL" ? "null" : element(value);
      at = end;
    }
  }
  return json;
}

/** From behind the first quote to behind the last. */
function quoted(text: string, from: number): [value: string, end: number] {
  let value = "";
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') return [value, at + 1];
    if (character === "\\") value += text[++at] ?? "";
    else value += character;
  }
  return [value, text.length];
}

/** `element` is undefined for NULL. */
export function arrayText<T>(
  list: readonly T[],
  element: (value: T) => string | undefined,
): string {
  const parts = list.map((value) => {
    if (Array.isArray(value)) return arrayText(value as T[], element);
    const text = element(value);
    return text === undefined
      ? "NULL"
      : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  });
  return `{${parts.join(",")}}`;
}
