/** A call as a command for the shell. */
import { formFields, textOf, toText } from "../form/text.ts";
import { callUrl, hasFiles, streams, type Subject } from "./subject.ts";

export function curl(subject: Subject): string {
  const begin = `curl ${streams(subject) ? "-N " : ""}${quoted(callUrl(subject))}`;
  const parts = [begin];
  if (subject.keyed) parts.push('-H "authorization: Bearer $VASTAR_KEY"');
  const kind = subject.form?.kind ?? (hasFiles(subject) ? "multipart" : "json");
  if (kind === "multipart") {
    for (const [name, value] of formFields(subject.input)) {
      // `-F` would take a text that begins with @ or < for the name of a file.
      parts.push(
        typeof value === "string"
          ? `--form-string ${quoted(`${name}=${value}`)}`
          : `-F ${quoted(`${name}=@${value.name}`)}`,
      );
    }
  } else if (kind === "form") {
    for (const [name, value] of formFields(subject.input)) {
      parts.push(`--data-urlencode ${quoted(`${name}=${textOf(value)}`)}`);
    }
  } else {
    const type = subject.form?.contentType ?? "application/json";
    parts.push(`-H ${quoted(`content-type: ${type}`)}`, `-d ${quoted(toText(subject.input))}`);
  }
  return parts.join(" \\\n  ");
}

function quoted(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
