/**
 * Notifies systemd of the service's state (sd_notify): ready, reloading, stopping, alive. No runtime supports datagrams over
 * Unix sockets, so systemd's own tool sends them, which any machine with systemd has.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import type { CommandIo } from "../command.ts";

export interface Notifier {
  /** One message after the other, in this order. */
  say(state: "READY=1" | "RELOADING=1" | "STOPPING=1"): void;
  /** Stops the keep-alive messages; resolves when everything is sent. */
  end(): Promise<void>;
}

/** Twice as often as systemd expects, as its manual recommends. */
const SIGNS_PER_TIMEOUT = 2;

/** Does nothing if systemd does not expect notifications. `failed` is called once, with the reason. */
export function openNotifier(env: CommandIo["env"], failed: (reason: string) => void): Notifier {
  if (!env("NOTIFY_SOCKET")) return { say() {}, end: () => Promise.resolve() };
  let last = Promise.resolve();
  let told = false;
  const send = (state: string): void => {
    last = last.then(() => run(state)).then((reason) => {
      if (reason === undefined || told) return;
      told = true;
      failed(reason);
    });
  };
  const everyMs = watchdogMs(env);
  const timer = everyMs === undefined ? undefined : setInterval(() => send("WATCHDOG=1"), everyMs);
  return {
    say: send,
    end() {
      clearInterval(timer);
      return last;
    },
  };
}

/** Undefined without a watchdog, or if it watches another process. */
function watchdogMs(env: CommandIo["env"]): number | undefined {
  const usec = Number(env("WATCHDOG_USEC"));
  const pid = env("WATCHDOG_PID");
  if (!(usec > 0) || (pid && Number(pid) !== process.pid)) return undefined;
  return Math.max(1, usec / 1000 / SIGNS_PER_TIMEOUT);
}

/** Why it failed; undefined if it did not. */
function run(state: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn("systemd-notify", [state], { stdio: "ignore" });
    child.once("error", (error) => resolve(`systemd-notify: ${error.message}`));
    child.once(
      "exit",
      (code) => resolve(code === 0 ? undefined : `systemd-notify ended with ${code}`),
    );
  });
}
