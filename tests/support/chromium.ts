/** Debian's Chromium, for tests of pages. A machine without one skips them. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const found = PATHS.find((path) => existsSync(path));

/** Why such tests are skipped; undefined: there is a browser. */
export const noChromium: string | undefined = found === undefined
  ? `there is no Chromium (${PATHS.join(", ")}): apt-get install chromium`
  : undefined;

export function startChromium(): Promise<Browser> {
  if (found === undefined) throw new Error(noChromium);
  // Where tests run as root, Chromium has no sandbox.
  return chromium.launch({ executablePath: found, args: ["--no-sandbox"] });
}
