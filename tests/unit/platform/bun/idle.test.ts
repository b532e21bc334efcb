/** How long Bun lets a connection be idle, which it keeps for all later requests on it. */
import { describe, expect, test } from "bun:test";
import { IDLE_SECONDS, whileAnswering } from "../../../../src/platform/bun/idle.ts";

const request = new Request("http://127.0.0.1/");

/** What the server was told, and an answer through it. */
function told() {
  const seconds: number[] = [];
  const errors: unknown[] = [];
  const server = { timeout: (_: Request, given: number) => void seconds.push(given) };
  const through = (answer: () => Promise<Response>) =>
    whileAnswering(request, server, answer, (error) => void errors.push(error));
  return { seconds, errors, through };
}

describe("a connection may be idle", () => {
  test("while an answer is made, and for a minute afterwards", async () => {
    for (const whole of [{ status: 204 }, { headers: { "content-length": "2" } }]) {
      const { seconds, through } = told();
      await through(() => {
        expect(seconds).toEqual([0]);
        return Promise.resolve(new Response("status" in whole ? null : "ok", whole));
      });
      expect(seconds).toEqual([0, IDLE_SECONDS]);
    }
  });

  test("as long as a stream goes on", async () => {
    const { seconds, through } = told();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const answer = await through(() => Promise.resolve(new Response(readable)));
    const writer = writable.getWriter();
    void writer.write(new Uint8Array(2));
    const reader = answer.body?.getReader();
    expect((await reader?.read())?.value?.length).toBe(2);
    expect(seconds).toEqual([0]);
    void writer.close();
    expect((await reader?.read())?.done).toBe(true);
    expect(seconds).toEqual([0, IDLE_SECONDS]);
  });

  test("no longer than that where the answer fails", async () => {
    const { seconds, through } = told();
    await expect(through(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(seconds).toEqual([0, IDLE_SECONDS]);
  });
});
