import { describe, expect, test } from "bun:test";
import type { CommandIo } from "../../../cli/command.ts";
import { startProgress } from "../../../cli/progress.ts";
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
