/** A call as a command for the shell. */
import { formFields, toText } from "../form/text.ts";
import { callUrl, hasFiles, streams, type Subject } from "./subject.ts";

export function curl(subject: Subject): string {
  const begin = `curl ${streams(subject) ? "-N " : ""}${quoted(callUrl(subject))}`;
  const parts = [begin];
  if (subject.keyed) parts.push('-H "authorization: Bearer $VASTAR_KEY"');
  if (hasFiles(subject)) {
    for (const [name, value] of formFields(subject.input)) {
      // `-F` would take a text that begins with @ or < for the name of a file.
      parts.push(
        typeof value === "string"
          ? `--form-string ${quoted(`${name}=${value}`)}`
          : `-F ${quoted(`${name}=@${value.name}`)}`,
      );
    }
  } else {
    parts.push("-H 'content-type: application/json'", `-d ${quoted(toText(subject.input))}`);
  }
  return parts.join(" \\\n  ");
}

function quoted(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
