/** Words that APIs use for the same thing. A synonym counts less than the word itself, so that a close match still wins. */
import { stemmer } from "stemmer";

const GROUPS: readonly string[] = [
  "get retrieve fetch read return show view obtain find lookup detail",
  "list all index browse enumerate",
  "create add new insert post make register open",
  "update edit modify change patch set put replace",
  "delete remove destroy erase clear unset",
  "search query find filter",
  "enable activate start turn",
  "disable deactivate stop",
  "cancel abort stop",
  "send post deliver",
  "download export",
  "upload import",
  "check verify validate test",
  "auth authentication authorization",
  "config configuration setting",
  "env environment",
  "app application",
  "repo repository",
  "org organization organisation",
  "pull pr",
  "user member account people person",
  "team group",
  "company business",
  "message chat conversation talk",
  "ask question prompt chat answer reply respond response completion",
  "ai llm gpt model",
  "doc document",
  "info information detail",
  "id identifier",
  "img image picture photo drawing",
  "param parameter",
];

export const SYNONYMS: ReadonlyMap<string, readonly string[]> = stemmed();

function stemmed(): Map<string, string[]> {
  const synonyms = new Map<string, Set<string>>();
  for (const group of GROUPS) {
    const stems = group.split(" ").map((word) => stemmer(word));
    for (const stem of stems) {
      const known = synonyms.get(stem) ?? new Set<string>();
      for (const other of stems) if (other !== stem) known.add(other);
      synonyms.set(stem, known);
    }
  }
  return new Map([...synonyms].map(([stem, others]) => [stem, [...others]]));
}
