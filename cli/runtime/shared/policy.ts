/**
 * The policy of all: a part of the configuration that runtimes with the same store read from there. It follows the runtime's own
 * file, as if it were written below it; its secrets are names, whose values each runtime has of its own.
 */
import { ConnectorError, invalidRequest } from "../../../src/core/errors.ts";

/** Where this runtime is and what it alone knows. */
const OWN = ["listen", "admin", "join", "shared", "tokens", "secrets", "log", "profiles"];
const SECTION = /^([A-Za-z]\w*):/;
export const MOST_BYTES: number = 512 * 1024;

export interface Joined {
  readonly text: string;
  /** Names the place in the policy instead of below the own file. */
  readonly located: (error: unknown) => unknown;
}

/** @throws ConnectorError `config.invalid`. */
export function withPolicy(own: string, file: string, policy: string): Joined {
  const sections = sectionsOf(policy);
  const mine = new Set(sectionsOf(own).map(({ name }) => name));
  for (const { name, line } of sections) {
    if (OWN.includes(name)) {
      throw invalid(line, `${name} belongs to the file of each runtime, not to the policy of all`);
    }
    if (mine.has(name)) {
      throw invalid(line, `${name} is in ${file} as well: leave it out there, or here`);
    }
  }
  const head = own.endsWith("\n") ? own : `${own}\n`;
  const before = head.split("\n").length - 1;
  const place = new RegExp(`${escaped(file)}:(\\d+):`, "g");
  return {
    text: head + policy,
    located(error) {
      if (!(error instanceof ConnectorError)) return error;
      const message = error.message.replace(place, (whole, line: string) => {
        const below = Number(line) - before;
        return below > 0 ? `policy:${below}:` : whole;
      });
      const { errorClass, code, origin } = error;
      return new ConnectorError({ errorClass, code, message, origin });
    },
  };
}

function sectionsOf(text: string): { readonly name: string; readonly line: number }[] {
  return text.split("\n").flatMap((line, at) => {
    const name = SECTION.exec(line)?.[1];
    return name === undefined ? [] : [{ name, line: at + 1 }];
  });
}

function invalid(line: number, what: string): ConnectorError {
  return invalidRequest("config.invalid", `policy:${line}:1: ${what}`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
