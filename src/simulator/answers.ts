/** The simulator's answers: Markdown texts chosen by words in the prompt. */
import { invalidRequest } from "../core/errors.ts";
import { hash } from "./tokens.ts";

export interface Answer {
  /** For messages and logs; the file's name without `.md`. `default` answers prompts that nothing else matches. */
  readonly name: string;
  /** Lower-case phrases; a prompt that contains one of them gets this answer. */
  readonly match: readonly string[];
  /** Markdown. `{{prompt}}` is replaced by the last user message. */
  readonly text: string;
}

const FRONT_MATTER = /^---\r?\n([\s\S]*?)\r?\n---\r?\n?/;

/**
 * One Markdown file as an answer. Optional front matter names the phrases, separated by `|`:
 *
 *     ---
 *     match: hello | good morning
 *     ---
 *     Hello! How can I help?
 *
 * Without it the file's name is the phrase: `unix-sockets.md` answers prompts that contain "unix sockets".
 */
export function parseAnswer(fileName: string, markdown: string): Answer {
  const name = (fileName.split(/[\\/]/).pop() ?? fileName).replace(/\.(md|markdown)$/i, "");
  const source = markdown.replace(/^\uFEFF/, "");
  const front = FRONT_MATTER.exec(source);
  const text = source.slice(front?.[0].length ?? 0).trim();
  if (text === "") {
    throw invalidRequest(
      "simulator.answer_empty",
      `Answer file ${fileName} has no text: write the answer into it.`,
    );
  }
  const declared = /^match:(.*)$/m.exec(front?.[1] ?? "")?.[1];
  const phrases = declared === undefined ? [name.replace(/[-_]+/g, " ")] : declared.split("|");
  const match = phrases.map((phrase) => phrase.trim().toLowerCase()).filter((phrase) =>
    phrase !== ""
  );
  return { name, match, text };
}

/** The first answer with a phrase in the prompt, else the one named `default`, else one picked by the prompt's hash. */
export function pickAnswer(answers: readonly Answer[], prompt: string): string {
  const lower = prompt.toLowerCase();
  const chosen =
    answers.find((answer) =>
      answer.name !== "default" && answer.match.some((phrase) => lower.includes(phrase))
    ) ?? answers.find((answer) => answer.name === "default") ??
      answers[hash(prompt) % answers.length];
  return (chosen?.text ?? "").replaceAll("{{prompt}}", () => prompt);
}

/** Used if no files are given. */
export const builtInAnswers: readonly Answer[] = [
  {
    name: "hello",
    match: ["hello", "good morning", "good evening", "hi there"],
    text:
      "Hello! I am the bundled simulator. I answer the same question in the same way every time, " +
      "one small piece after the other, so that you can build and test without an account.",
  },
  {
    name: "unix-sockets",
    match: ["unix socket", "unix domain socket", "domain socket"],
    text:
      "A Unix domain socket is a file-system name for a connection between two processes of one machine.\n\n" +
      "- It skips the network stack, so a round trip costs a few microseconds.\n" +
      "- File permissions decide who may connect.\n" +
      "- Bytes arrive in order and nothing is lost, as with TCP.",
  },
  {
    name: "streaming",
    match: ["streaming", "server-sent events", "sse"],
    text:
      "Streaming sends an answer while it is being written. With server-sent events each piece is a line that " +
      "starts with `data:` and ends with an empty line; the last one is `data: [DONE]`. The reader shows the first " +
      "words at once instead of waiting for all of them.",
  },
  {
    name: "capitals",
    match: ["capital of france"],
    text: "The capital of France is Paris.",
  },
  {
    name: "sums",
    match: ["2+2", "2 + 2", "two plus two"],
    text: "2 + 2 = 4.",
  },
  {
    name: "unicode",
    match: ["unicode", "emoji"],
    text:
      "Grüße, 你好, नमस्ते, مرحبا and 👩‍🚀🚀: every character arrives whole, wherever the stream is cut.",
  },
  {
    name: "default",
    match: [],
    text:
      'You wrote: "{{prompt}}". The simulator has no opinion of its own on that, but it streamed this sentence to ' +
      "you piece by piece, as a model would.",
  },
];
