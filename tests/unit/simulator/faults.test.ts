import { describe, expect, test } from "bun:test";
import type { Clock } from "../../../src/core/clock.ts";
import {
  createSimulator,
  type Fault,
  parseFault,
  parseFaults,
} from "../../../src/simulator/mod.ts";
import { at, events, hello, post } from "./support.ts";

const PATH = "/v1/chat/completions";
const stream = hello({ stream: true });

/** Reads until the end or the break; says which. */
async function read(response: Response): Promise<{ text: string; broken: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
    return { text, broken: false };
  } catch {
    return { text, broken: true };
  }
}

const streamed = (fault: Fault) => post(createSimulator({ faults: [fault] }), PATH, stream);

describe("faults", () => {
  test("a status with its retry-after, verbatim", async () => {
    const response = await streamed({ status: 503, retryAfter: "soon" });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("soon");
    expect(at(await response.json(), "error.type")).toBe("server_error");
  });

  test("a sequence is given out one a request, then all is well", async () => {
    const simulator = createSimulator({
      faults: parseFaults("status=500 | status=429;retry-after=1 | none"),
    });
    const statuses = [];
    for (let round = 0; round < 4; round++) {
      statuses.push((await post(simulator, PATH, hello())).status);
    }
    expect(statuses).toEqual([500, 429, 200, 200]);
  });

  test("a function decides by path and number", async () => {
    const simulator = createSimulator({
      faults: ({ number, path }) => path === PATH && number === 2 ? { status: 401 } : undefined,
    });
    const statuses = [];
    for (let round = 0; round < 3; round++) {
      statuses.push((await post(simulator, PATH, hello())).status);
    }
    expect(statuses).toEqual([200, 401, 200]);
  });

  test("a header asks for one fault, and with a key for a sequence", async () => {
    const simulator = createSimulator();
    const once = { "x-simulator-fault": "status=500" };
    expect((await post(simulator, PATH, hello(), once)).status).toBe(500);
    expect((await post(simulator, PATH, hello(), once)).status).toBe(500);
    const keyed = { "x-simulator-fault": "status=500|status=502", "x-simulator-key": "a" };
    const statuses = [];
    for (let round = 0; round < 3; round++) {
      statuses.push((await post(simulator, PATH, hello(), keyed)).status);
    }
    expect(statuses).toEqual([500, 502, 200]);
    const off = createSimulator({ faultHeader: false });
    expect((await post(off, PATH, hello(), once)).status).toBe(200);
  });

  test("a header that cannot be read is refused with the right form", async () => {
    const response = await post(createSimulator(), PATH, hello(), {
      "x-simulator-fault": "kind=explode",
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("kind=reset|stall");
    expect(() => parseFault("status=abc")).toThrow(/200 to 599/);
  });

  test("reset breaks the body after its pieces", async () => {
    const simulator = createSimulator({ faults: [{ kind: "reset", after: 3 }] });
    const { text, broken } = await read(await post(simulator, PATH, stream));
    expect(broken).toBe(true);
    expect(text.split("\n\n").length - 1).toBe(3);
    expect(simulator.stats()).toMatchObject({ broken: 1, active: 0 });
  });

  test("a whole answer breaks too", async () => {
    const { text, broken } = await read(
      await post(createSimulator({ faults: [{ kind: "reset" }] }), PATH, hello()),
    );
    expect(broken).toBe(true);
    expect(() => JSON.parse(text) as unknown).toThrow();
    const cut = await read(
      await post(createSimulator({ faults: [{ kind: "truncate" }] }), PATH, hello()),
    );
    expect(cut.broken).toBe(false);
    expect(() => JSON.parse(cut.text) as unknown).toThrow();
  });

  test("truncate ends cleanly in the middle of an event", async () => {
    const { text, broken } = await read(await streamed({ kind: "truncate" }));
    expect(broken).toBe(false);
    expect(text.endsWith("\n\n")).toBe(false);
  });

  test("malformed corrupts one event and continues", async () => {
    const data = await events(await streamed({ kind: "malformed", after: 2 }));
    expect(() => JSON.parse(data[2] ?? "") as unknown).toThrow();
    expect(() => JSON.parse(data[3] ?? "") as unknown).not.toThrow();
    expect(data.at(-1)).toBe("[DONE]");
  });

  test("no-done leaves only the sentinel out", async () => {
    const data = await events(await streamed({ kind: "no-done" }));
    expect(at(JSON.parse(data.at(-1) ?? ""), "choices.0.finish_reason")).toBe("stop");
  });

  test("error-event puts an error into the stream and ends it", async () => {
    const data = await events(await streamed({ kind: "error-event", after: 1 }));
    expect(data.length).toBe(2);
    expect(at(JSON.parse(data[1] ?? ""), "error.type")).toBe("server_error");
  });

  test("stall sends nothing more until the client leaves", async () => {
    const simulator = createSimulator({ faults: [{ kind: "stall", after: 1 }] });
    const reader = (await post(simulator, PATH, stream)).body!.getReader();
    await reader.read();
    const next = reader.read();
    expect(await Promise.race([next.then(() => "more"), Promise.resolve("nothing")])).toBe(
      "nothing",
    );
    await reader.cancel();
    expect(simulator.stats()).toMatchObject({ cancelled: 1, active: 0, completed: 0 });
  });
});

describe("pace", () => {
  /** Timers fire only when told to. */
  function manualClock() {
    const timers: { callback: () => void; ms: number }[] = [];
    const clock: Clock = {
      now: () => 0,
      monotonic: () => 0,
      setTimeout(callback, ms) {
        const timer = { callback, ms };
        timers.push(timer);
        return timer;
      },
      clearTimeout: (timer) => void timers.splice(timers.findIndex((one) => one === timer), 1),
    };
    return { clock, timers };
  }

  /** A pull comes a moment after its read. */
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  test("waits before the first piece and between the pieces", async () => {
    const { clock, timers } = manualClock();
    const simulator = createSimulator({ clock, firstChunkDelayMs: 500, chunkDelayMs: 20 });
    const reader = (await post(simulator, PATH, stream)).body!.getReader();
    const first = reader.read();
    await until(() => timers.length === 1);
    expect(timers.map((timer) => timer.ms)).toEqual([500]);
    timers.shift()?.callback();
    await first;
    const second = reader.read();
    await until(() => timers.length === 1);
    expect(timers.map((timer) => timer.ms)).toEqual([20]);
    timers.shift()?.callback();
    expect((await second).done).toBe(false);
  });

  test("only makes pieces on demand, and clears its timer when the client leaves", async () => {
    const { clock, timers } = manualClock();
    const simulator = createSimulator({ clock, chunkDelayMs: 20 });
    const reader = (await post(simulator, PATH, stream)).body!.getReader();
    await reader.read();
    expect(timers.length).toBe(0);
    const pending = reader.read();
    await until(() => timers.length === 1);
    await reader.cancel();
    expect(timers.length).toBe(0);
    expect((await pending).done).toBe(true);
    expect(simulator.stats().cancelled).toBe(1);
  });
});
