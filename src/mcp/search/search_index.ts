/** BM25F: one score for a document from all its fields, of which some say more than others. */
import { SYNONYMS } from "./synonyms.ts";
import { wordsOf } from "./words.ts";

/** What of an operation is searched, and how much a word there counts. */
const FIELDS = {
  id: { weight: 3, byLength: 0.5 },
  summary: { weight: 3, byLength: 0.5 },
  path: { weight: 1.5, byLength: 0.5 },
  tags: { weight: 0.7, byLength: 0.5 },
  parameters: { weight: 1, byLength: 0.75 },
  /** What the HTTP method means. */
  verb: { weight: 0.7, byLength: 0 },
  firstSentence: { weight: 4, byLength: 0.75 },
  doc: { weight: 1.5, byLength: 0.75 },
  parameterDocs: { weight: 0.3, byLength: 0.75 },
} as const;

export type SearchField = keyof typeof FIELDS;
export type SearchDocument = Readonly<Record<SearchField, string>>;

const NAMES = Object.keys(FIELDS) as SearchField[];
/** How soon a word that is repeated says no more. */
const SATURATION = 2;
const SYNONYM_WEIGHT = 0.4;

interface Posting {
  readonly documents: number[];
  readonly frequencies: number[];
}

export interface SearchIndex {
  /** Places of the documents, best first. Of equals the first one is first. */
  find(query: string, limit: number, among?: (document: number) => boolean): number[];
}

export function createSearchIndex(documents: readonly SearchDocument[]): SearchIndex {
  const postings = postingsOf(documents);

  const scoreWord = (word: string, weight: number, scores: Map<number, number>): void => {
    const posting = postings.get(word);
    if (posting === undefined) return;
    const found = posting.documents.length;
    const rarity = Math.log(1 + (documents.length - found + 0.5) / (found + 0.5));
    posting.documents.forEach((document, at) => {
      const frequency = posting.frequencies[at] ?? 0;
      const score = weight * rarity * frequency * (SATURATION + 1) / (frequency + SATURATION);
      scores.set(document, Math.max(score, scores.get(document) ?? 0));
    });
  };

  return {
    find(query, limit, among = () => true) {
      const total = new Float64Array(documents.length);
      for (const word of new Set(wordsOf(query))) {
        // The word or one of its synonyms, not their sum: a document that says it twice is not twice as right.
        const scores = new Map<number, number>();
        scoreWord(word, 1, scores);
        for (const other of SYNONYMS.get(word) ?? []) scoreWord(other, SYNONYM_WEIGHT, scores);
        for (const [document, score] of scores) total[document] = (total[document] ?? 0) + score;
      }
      const found: number[] = [];
      total.forEach((score, document) => {
        if (score > 0 && among(document)) found.push(document);
      });
      return found.sort((a, b) => (total[b] ?? 0) - (total[a] ?? 0) || a - b).slice(0, limit);
    },
  };
}

function postingsOf(documents: readonly SearchDocument[]): Map<string, Posting> {
  const words = documents.map((document) => NAMES.map((name) => wordsOf(document[name])));
  const averages = NAMES.map((_, field) =>
    words.reduce((sum, fields) => sum + (fields[field]?.length ?? 0), 0) / documents.length || 1
  );
  const postings = new Map<string, Posting>();
  words.forEach((fields, document) => {
    const frequencies = new Map<string, number>();
    fields.forEach((own, at) => {
      const { weight, byLength } = FIELDS[NAMES[at] as SearchField];
      const length = 1 - byLength + byLength * own.length / (averages[at] ?? 1);
      for (const word of own) {
        frequencies.set(word, (frequencies.get(word) ?? 0) + weight / length);
      }
    });
    for (const [word, frequency] of frequencies) {
      const posting = postings.get(word) ?? { documents: [], frequencies: [] };
      posting.documents.push(document);
      posting.frequencies.push(frequency);
      postings.set(word, posting);
    }
  });
  return postings;
}
