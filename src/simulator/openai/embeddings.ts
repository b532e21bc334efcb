/** POST /v1/embeddings: vectors of length 1 that depend only on the text. */
import {
  type JsonObject,
  missing,
  optionalNumber,
  requiredString,
  wrongType,
  wrongValue,
} from "../input.ts";
import type { Models } from "../models.ts";
import { countTokens, hash } from "../tokens.ts";

const DIMENSIONS: Readonly<Record<string, number>> = { "text-embedding-3-large": 3072 };
const DEFAULT_DIMENSIONS = 1536;
const MAX_INPUTS = 2048;

export function createEmbeddings(body: JsonObject, models: Models): unknown {
  const model = requiredString(body, "model");
  models.require(model);
  const texts = inputTexts(body["input"]);
  const dimensions = optionalNumber(body, "dimensions", 1, 3072, true) ?? DIMENSIONS[model] ??
    DEFAULT_DIMENSIONS;
  const format = body["encoding_format"] ?? "float";
  if (format !== "float" && format !== "base64") {
    throw wrongValue(
      "encoding_format",
      `expected 'float' or 'base64', but got ${JSON.stringify(format)} instead.`,
    );
  }
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  return {
    object: "list",
    data: texts.map((text, index) => {
      const vector = embed(text, dimensions);
      return {
        object: "embedding",
        index,
        embedding: format === "float" ? [...vector] : base64(vector),
      };
    }),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function inputTexts(input: unknown): string[] {
  if (input === undefined) throw missing("input");
  if (typeof input === "string") {
    if (input === "") throw wrongValue("input", "it must not be empty.");
    return [input];
  }
  if (!Array.isArray(input)) throw wrongType("input", "a string or an array", input);
  if (input.length === 0 || input.length > MAX_INPUTS) {
    throw wrongValue(
      "input",
      `expected 1 to ${MAX_INPUTS} items, but got ${input.length} instead.`,
    );
  }
  // A flat array of numbers is one text given as tokens.
  if (input.every((item) => typeof item === "number")) return [input.join(" ")];
  return input.map((item: unknown, at) => {
    if (typeof item === "string" && item !== "") return item;
    if (Array.isArray(item) && item.every((token) => typeof token === "number")) {
      return item.join(" ");
    }
    throw wrongType(`input[${at}]`, "a string that is not empty or an array of tokens", item);
  });
}

/** A xorshift walk seeded by the text, scaled to length 1 like the real vectors. */
function embed(text: string, dimensions: number): Float32Array {
  let state = hash(text) || 1;
  const vector = new Float32Array(dimensions);
  let square = 0;
  for (let at = 0; at < dimensions; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const value = (state >>> 0) / 0xffffffff - 0.5;
    vector[at] = value;
    square += value * value;
  }
  const length = Math.sqrt(square) || 1;
  return vector.map((value) => value / length);
}

function base64(vector: Float32Array): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  vector.forEach((value, at) => view.setFloat32(at * 4, value, true));
  let binary = "";
  for (let at = 0; at < view.byteLength; at++) binary += String.fromCharCode(view.getUint8(at));
  return btoa(binary);
}
