import { describe, expect, test } from "bun:test";
import type { CommandIo } from "../../../cli/command.ts";
import { startProgress, startSteps } from "../../../cli/progress.ts";
import { until } from "../../support/upstream.ts";

function screen(interactive: boolean): { readonly io: CommandIo; text(): string } {
  let text = "";
  return {
    text: () => text,
    io: {
      stdout: () => {},
      stderr: (more) => text += more,
      env: () => undefined,
      cwd: "/",
      interactive,
      onSignal: () => () => {},
    },
  };
}

describe("progress", () => {
  test("is a line that is gone in the end", async () => {
    const { io, text } = screen(true);
    const progress = startProgress(io, "openai models.list");
    await until(() => text().includes("openai models.list 0."), "the line");
    progress.clear();
    expect(text()).toMatch(/\r\x1b\[K$/);
    const written = text();
    progress.clear();
    expect(text()).toBe(written);
  });
  test("shows nothing without a terminal, or for fast work", () => {
    const { io, text } = screen(false);
    startProgress(io, "x").clear();
    const watched = screen(true);
    startProgress(watched.io, "x").clear();
    expect(text() + watched.text()).toBe("");
  });
});

describe("steps", () => {
  test("of work that blocks show themselves, and are gone in the end", () => {
    const { io, text } = screen(true);
    let now = 0;
    const steps = startSteps(io, () => now);
    steps.say("reading openapi.json");
    // Sooner than anyone could read it.
    steps.say("importing operation 1 of 2");
    expect(text()).toMatch(/^\r\x1b\[Kreading openapi\.json 0\.0 s$/);
    now = 1500;
    steps.say("importing operation 2 of 2");
    expect(text()).toMatch(/\r\x1b\[Kimporting operation 2 of 2 1\.5 s$/);
    steps.clear();
    steps.clear();
    expect(text()).toMatch(/s\r\x1b\[K$/);
  });
  test("show nothing without a terminal", () => {
    const { io, text } = screen(false);
    const steps = startSteps(io);
    steps.say("reading openapi.json");
    steps.clear();
    expect(text()).toBe("");
  });
});
