/** Counts tests in the JUnit reports of Bun and Deno. */

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NO_TESTS: Count = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(a: Count, b: Count): Count {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/**
 * With `suitesAreCases` (Deno) a `describe` is reported as a test case of its own, named like the beginning of those in
 * it: only the innermost cases are tests. Bun reports suites as suites.
 */
export function countTests(xml: string, suitesAreCases: boolean): Count {
  const cases = [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map((
    match,
  ) => ({
    name: /\bname="([^"]*)"/.exec(match[1] ?? "")?.[1] ?? "",
    body: match[2] ?? "",
  }));
  const suites = suitesAreCases ? suiteNames(cases.map(({ name }) => name)) : new Set<string>();
  let [passed, failed, skipped] = [0, 0, 0];
  for (const { name, body } of cases) {
    if (suites.has(name)) {
      // A failing hook belongs to the suite and not to a test: without this it would not count.
      if (/<failure\b/.test(body) && !/test steps? failed/.test(body)) failed++;
    } else if (/<(?:failure|error)\b/.test(body)) failed++;
    else if (/<skipped\b/.test(body)) skipped++;
    else passed++;
  }
  return { passed, failed, skipped };
}

/** The full names of the tests that were skipped. Bun has a test's suites in another attribute, Deno in the name. */
export function skippedTests(xml: string): string[] {
  return [...xml.matchAll(/<testcase\b([^>]*)>\s*<skipped\b/g)].map(([, attributes = ""]) => {
    const read = (key: string): string =>
      plain(new RegExp(`\\b${key}="([^"]*)"`).exec(attributes)?.[1] ?? "");
    // Deno's is the module that registers tests.
    const suite = /\bfile="/.test(attributes) ? read("classname") : "";
    return suite === "" ? read("name") : `${suite} > ${read("name")}`;
  });
}

function plain(text: string): string {
  return text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" })[name] ?? "",
  );
}

function suiteNames(names: readonly string[]): Set<string> {
  const suites = new Set<string>();
  for (const name of names) {
    const parts = name.split(" &gt; ");
    for (let length = 1; length < parts.length; length++) {
      suites.add(parts.slice(0, length).join(" &gt; "));
    }
  }
  return suites;
}
