/** Hides details of this server's network from callers. */
const PLACE =
  /\b(?:unix:|tcp:\/\/)[^\s,;]+|\[[0-9a-f:.]+\](?::\d+)?|(?<=\()(?:[0-9a-f]*:){2,}[0-9a-f.]*(?=\))|\b(?:\d{1,3}(?:\.\d{1,3}){3}|localhost)(?::\d+)?\b/g;

/**
 * Returns a function that replaces addresses, socket paths and the given hosts, with or without ports, with `[address]`, and
 * leaves out which rule would allow them. The log keeps all of it.
 */
export function createPlaceHider(hosts: Iterable<string>): (text: string) => string {
  const names = [...new Set(hosts)].filter((host) => host !== "").map((host) =>
    new RegExp(
      `(?<![\\w.-])${host.replace(/[.*+?^${"$"}{}()|[\]\\]/g, "\\$&")}(?::\\d+)?(?![\\w-])`,
      "gi",
    )
  );
  return (text) =>
    [PLACE, ...names].reduce(
      (hidden, place) => hidden.replace(place, "[address]"),
      text.replace(/ To permit it: .*$/s, ""),
    );
}
