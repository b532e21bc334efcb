/** Looks up fields in header lists. `name` is case-insensitive. */
import type { HeaderList } from "./call.ts";

/** The first value of a field. */
export function firstHeader(headers: HeaderList, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [field, value] of headers) {
    if (field.length === wanted.length && field.toLowerCase() === wanted) return value;
  }
  return undefined;
}

/** `application/json` of `Application/JSON; charset=utf-8`; empty if there is none. */
export function mediaType(contentType: string | null | undefined): string {
  return contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
}

/** All values of a field, joined with `, `. */
export function joinedHeader(headers: HeaderList, name: string): string | undefined {
  const wanted = name.toLowerCase();
  let found: string | undefined;
  for (const [field, value] of headers) {
    if (field.length !== wanted.length || field.toLowerCase() !== wanted) continue;
    found = found === undefined ? value : `${found}, ${value}`;
  }
  return found;
}

/** Characters of names and values. */
export function fieldBytes(headers: HeaderList): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}
