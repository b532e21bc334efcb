/** Turns a path into a parsed document; every way a file can be bad is handled here. */
import { isDeeper } from "./depth.ts";
import { type LoadIo, NOT_A_FILE } from "./io.ts";
import { parseJsonDocument } from "./json.ts";
import { parseSimpleYaml, SimpleDocument } from "./simple.ts";
import type { LoadLimits } from "./limits.ts";
import type { LoadProblem, Parsed, Span } from "./source.ts";
import { parseYamlDocument, tooDeep } from "./yaml.ts";

const START: Span = { start: 0, end: 1 };

export type Decoded =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: LoadProblem; readonly shown: string };

export function readText(path: string, io: LoadIo, limits: LoadLimits): Decoded {
  let bytes: Uint8Array;
  try {
    const size = io.size(path);
    if (size > limits.maxBytes) return refuse(tooLarge(size, limits));
    bytes = io.read(path);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const why = code === "EISDIR"
      ? "it is a folder"
      : code === "EACCES"
      ? "access is denied"
      : code === NOT_A_FILE
      ? "it is a pipe or a device, not a file"
      : "it does not exist";
    return refuse({
      code: "VC1001",
      span: START,
      message: `The file \`${path}\` cannot be read: ${why}.`,
      help: "Give the path of a YAML or JSON file; paths in a spec are relative to that spec.",
    });
  }
  if (bytes.length > limits.maxBytes) return refuse(tooLarge(bytes.length, limits));
  return decode(bytes);
}

function refuse(problem: LoadProblem, shown = ""): Decoded {
  return { problem, shown };
}

function tooLarge(size: number, limits: LoadLimits): LoadProblem {
  return {
    code: "VC1002",
    span: START,
    message: `The file has ${size} bytes; at most ${limits.maxBytes} are read.`,
    help: "Import only the operations you need, or split the spec with `$import`.",
  };
}

export function decode(bytes: Uint8Array): Decoded {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const shown = new TextDecoder().decode(bytes);
    const at = firstInvalid(bytes);
    const offset = new TextDecoder().decode(bytes.subarray(0, at)).length;
    return refuse({
      code: "VC1003",
      span: { start: offset, end: offset + 1 },
      message: `The byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")} is not valid UTF-8.`,
      help: "Save the file as UTF-8.",
    }, shown);
  }
  const nul = text.indexOf("\0");
  if (nul < 0) return { text };
  return refuse({
    code: "VC1003",
    span: { start: nul, end: nul + 1 },
    message: "The file contains a NUL character.",
    help: "Save the file as UTF-8 text, without binary data.",
  }, text);
}

/** Index of the byte at which the text stops being UTF-8. */
function firstInvalid(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      low = middle;
    } catch {
      high = middle - 1;
    }
  }
  return Math.min(low, bytes.length - 1);
}

export function parseText(path: string, text: string, limits: LoadLimits): Parsed {
  if (path.endsWith(".json")) return shallow(parseJsonDocument(path, text), limits);
  const isLong = text.length > limits.maxFreeFormLength;
  const { maxDepth, maxAliasNodes } = limits;
  const simple = parseSimpleYaml(text, { uniqueKeys: true, maxAliasNodes });
  // The full parser knows where it is too deep, and counts the values within the innermost list or mapping.
  if (simple !== undefined && (isLong || !isDeeper(simple.value, maxDepth - 2))) {
    const parsed = { document: new SimpleDocument(path, text, simple), problems: [] };
    return isLong ? shallow(parsed, limits) : parsed;
  }
  return isLong ? { problems: [tooFree(text, limits)] } : parseYamlDocument(path, text, limits);
}

function tooFree(text: string, limits: LoadLimits): LoadProblem {
  return {
    code: "VC1002",
    span: START,
    message:
      `The file has ${text.length} characters; at most ${limits.maxFreeFormLength} are read of YAML with tags, very many aliases, duplicate keys, deep nesting or mistakes.`,
    help: "Write it without these or as JSON, or split it with `$import`.",
  };
}

/** The native JSON parser has no depth limit, but code that walks its values does. */
function shallow(parsed: Parsed, limits: LoadLimits): Parsed {
  if (parsed.document === undefined || !isDeeper(parsed.document.value, limits.maxDepth)) {
    return parsed;
  }
  return { problems: [tooDeep(limits)] };
}
