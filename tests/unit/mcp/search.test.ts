import { expect, test } from "bun:test";
import { definition as github } from "../../../connectors/github/definition.gen.ts";
import { definition as openai } from "../../../connectors/openai/definition.gen.ts";
import { definition as slack } from "../../../connectors/slack/definition.gen.ts";
import { definition as stripe } from "../../../connectors/stripe/definition.gen.ts";
import { createCatalog } from "../../../src/mcp/catalog/catalog.ts";
import { firstSentence, wordsOf } from "../../../src/mcp/search/words.ts";

const catalog = createCatalog([github, openai, slack, stripe]);
const found = (query: string, limit = 3) =>
  catalog.find(query, limit, () => true).map(({ id }) => id);

test("operations are found by other words than their own", () => {
  expect(found("fetch one customer")[0]).toBe("stripe.customers.retrieve");
  expect(found("remove a message from a channel")).toContain("slack.chat.delete");
  expect(found("add a new issue to a repo")).toContain("github.issues.create");
  expect(found("turn text into vectors")).toContain("openai.embeddings.create");
  expect(found("ask a language model a question")).toContain("openai.chat.completions.create");
  expect(found("prompt an LLM")[0]).toBe("openai.chat.completions.create");
  expect(found("zzz")).toEqual([]);
});

test("what may not be seen is not found, and does not take the place of others", () => {
  const [first, second] = found("create an issue");
  const rest = catalog.find("create an issue", 1, ({ id }) => id !== first);
  expect(rest.map(({ id }) => id)).toEqual([second ?? ""]);
});

test("text is read without its markup, identifiers word by word", () => {
  expect(wordsOf("<p>Lists **all** [pull requests](https://x.example/a)&nbsp;for</p>")).toEqual([
    "list",
    "pull",
    "request",
  ]);
  expect(wordsOf("getHTTPHeaders per_page")).toEqual(["get", "http", "header", "page"]);
  expect(firstSentence("> \n\nUse v1.2 of it. Then more.")).toBe("Use v1.2 of it.");
  expect(firstSentence("")).toBe("");
});
