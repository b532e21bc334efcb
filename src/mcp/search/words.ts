/** Text as the words that it is found by: without markup, identifiers taken apart, endings off. */
import { stemmer } from "stemmer";

/** They are in every sentence, and tell operations from nothing. */
const STOP = new Set(
  ("a all also an and any are as at be been by can each for from has have how if in into is it its may must no not of on " +
    "only or per such that the their then there this to use used using via was were what when where which who will with " +
    "you your").split(" "),
);

/** Markdown and HTML as the text that a reader sees. */
export function plainText(text: string): string {
  return text
    .replace(/<[^<>]*>/g, " ")
    .replace(/!?\[([^[\]]*)\]\([^()]*\)/g, "$1")
    .replace(/&\w{2,8};/g, " ")
    .replace(/[*_`#>|]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

export function wordsOf(text: string): string[] {
  const apart = plainText(text)
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase();
  const words = apart.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !STOP.has(word)).map((word) => stemmer(word));
}

/** The first sentence of the first paragraph that says something. */
export function firstSentence(text: string): string {
  for (const paragraph of text.split(/\n\s*\n/)) {
    const plain = plainText(paragraph);
    if (plain !== "") return /^.*?[.!?](?=\s|$)/.exec(plain)?.[0] ?? plain;
  }
  return "";
}
