import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  definition,
  GitHub,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
} from "../../connectors/github/mod.gen.ts";
import { collect, type MockServer, rejection, serveMock } from "./support.ts";

const repo = { owner: "octocat", repo: "Hello-World" };

describe("github", () => {
  let server: MockServer;
  let client: GitHub;
  beforeAll(async () => {
    server = await serveMock(definition);
    client = new GitHub({ ...server.options, token: "ghp_test" });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("lists follow the link header to the last page", async () => {
    const before = server.mock.requests().length;
    const labels = await collect(client.issues.listLabelsForRepo(repo));
    expect(labels.map((label) => label.name)).toEqual(["bug", "enhancement", "docs"]);
    expect(server.mock.requests().slice(before).map((request) => request.url)).toEqual([
      "/repos/octocat/Hello-World/labels",
      "/repos/octocat/Hello-World/labels?page=2",
      "/repos/octocat/Hello-World/labels?page=3",
    ]);
    const first = await client.issues.listLabelsForRepo({ ...repo, per_page: 1 });
    expect(first.hasNextPage()).toBe(true);
    expect(server.mock.requests().at(-1)?.url).toBe("/repos/octocat/Hello-World/labels?per_page=1");
  });

  test("the next page keeps the token, version and user agent", async () => {
    await collect(client.issues.listLabelsForRepo(repo));
    const last = server.mock.requests().at(-1);
    expect(last?.headers.get("authorization")).toBe("Bearer ghp_test");
    expect(last?.headers.get("x-github-api-version")).toBe("2022-11-28");
    expect(last?.headers.get("user-agent")).toBe("vastar-connector");
  });

  test("a link to another origin is refused", async () => {
    await using evil = await serveMock({
      ...definition,
      operations: definition.operations.map((operation) => ({
        ...operation,
        examples: operation.examples.map((example) => ({
          ...example,
          headers: [["link", '<https://evil.example/labels?page=2>; rel="next"']] as const,
        })),
      })),
    });
    const labels = new GitHub({ ...evil.options, token: "ghp_test" }).issues.listLabelsForRepo(
      repo,
    );
    expect(await rejection(collect(labels))).toMatchObject({ code: "pages.foreign_origin" });
  });

  test("search results are paged too", async () => {
    expect(await collect(client.search.repos({ q: "no-such-thing" }))).toEqual([]);
    const page = await client.search.repos({ q: "no-such-thing", sort: "stars" });
    expect(page.data.total_count).toBe(0);
  });

  test("an operation without examples answers with the least that fits its type", async () => {
    const issue = await client.issues.get({ ...repo, issue_number: 1347 });
    expect(typeof issue.number).toBe("number");
    const created = await client.issues.create({ ...repo, title: "It broke", labels: ["bug"] });
    expect(typeof created.title).toBe("string");
    expect(JSON.parse(server.lastBody())).toEqual({ title: "It broke", labels: ["bug"] });
  });

  test("refusals are typed; exhausted limits differ from missing permissions", async () => {
    const missing = await rejection(client.repos.get({ owner: "octocat", repo: "Nothing" }));
    expect(missing).toBeInstanceOf(NotFoundError);
    expect((missing as NotFoundError).apiMessage).toBe("Not Found");
    expect((missing as NotFoundError).requestId).toBe("7F2A:3B4C:1D2E3F");
    const used = await rejection(
      client.repos.get({ owner: "octocat", repo: "Too-Often" }, { retries: 0 }),
    );
    expect(used).toBeInstanceOf(RateLimitError);
    const fault = (status: number) => ({
      retries: 0,
      headers: { "x-simulator-fault": `status=${status}` },
    });
    expect(await rejection(client.pulls.list(repo, fault(403)))).toBeInstanceOf(
      PermissionDeniedError,
    );
    expect(await rejection(client.pulls.list(repo, fault(502)))).toBeInstanceOf(ServerError);
  });

  test("works without a token, and check() asks for the limits", async () => {
    const anonymous = new GitHub({ ...server.options, env: () => undefined });
    await anonymous.check();
    expect(server.mock.requests().at(-1)?.url).toBe("/rate_limit");
    expect(server.lastHeader("authorization")).toBe(null);
  });

  test("events are verified and named by their header", async () => {
    const webhooks = new GitHub({ ...server.options, webhookSecret: "It's a Secret" }).webhooks;
    const body = JSON.stringify({ zen: "Keep it logically awesome.", hook_id: 1 });
    const signature = (key: string) =>
      `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
    const message = (key: string) => ({
      headers: { "X-GitHub-Event": "ping", "X-Hub-Signature-256": signature(key) },
      body,
    });
    const event = await webhooks.verify(message("It's a Secret"));
    if (event.name !== "ping") throw new Error(`Another event was read: ${event.name}`);
    expect(event.payload.hook_id).toBe(1);
    expect(await rejection(webhooks.verify(message("wrong")))).toMatchObject({
      code: "webhook.signature",
    });
  });
});
