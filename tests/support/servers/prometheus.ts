/** A strict reader of Prometheus text (0.0.4): throws on anything that a scraper or `promtool check metrics` would reject. */

export interface MetricFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: MetricSample[];
}

export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const NUMBER = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/;
const SUFFIXES = ["_bucket", "_sum", "_count"];

export function readPrometheus(text: string): ReadonlyMap<string, MetricFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, MetricFamily>();
  const seen = new Set<string>();
  let open: [name: string, family: MetricFamily] | undefined;
  let help: [name: string, text: string] | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const head = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (head?.[1] === "HELP") {
      help = [head[2] ?? "", head[3] ?? ""];
    } else if (head?.[1] === "TYPE") {
      const [, , name = "", type = ""] = head;
      if (!/^(?:counter|gauge|histogram)$/.test(type)) throw new Error(`not a type: ${line}`);
      if (help?.[0] !== name) throw new Error(`no help before ${line}`);
      if (families.has(name)) throw new Error(`twice: ${line}`);
      if (type === "counter" && !name.endsWith("_total")) throw new Error(`not a total: ${name}`);
      if (type !== "counter" && name.endsWith("_total")) throw new Error(`a total: ${name}`);
      open = [name, { type, help: help[1], samples: [] }];
      families.set(...open);
    } else {
      const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
      if (open === undefined || name === "") throw new Error(`not a sample: ${line}`);
      const [family, { type, samples }] = open;
      const belongs = type === "histogram"
        ? SUFFIXES.some((suffix) => name === family + suffix)
        : name === family;
      if (!belongs) throw new Error(`not of ${family}: ${line}`);
      if (!NUMBER.test(value)) throw new Error(`not a number: ${line}`);
      const sample = { name, labels: readLabels(labels, line), value: toNumber(value) };
      const identity = JSON.stringify([name, Object.entries(sample.labels).sort()]);
      if (seen.has(identity)) throw new Error(`twice: ${line}`);
      seen.add(identity);
      if (type !== "gauge" && !(sample.value >= 0)) throw new Error(`below 0: ${line}`);
      samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.type === "histogram") check(name, family);
  return families;
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    LABEL.lastIndex = at;
    const found = LABEL.exec(text);
    const [whole = "", name = "", value = "", comma] = found ?? [];
    if (found === null || name in labels) throw new Error(`bad labels: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, c: string) => c === "n" ? "\n" : c);
    at += whole.length;
    if (comma === "," && at === text.length) throw new Error(`a comma too many: ${line}`);
  }
  return labels;
}

function toNumber(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}

/** Buckets rise, the last is +Inf and has what `_count` has, and there is a sum. */
function check(name: string, { samples }: MetricFamily): void {
  const series = new Map<string, MetricSample[]>();
  for (const sample of samples) {
    const { le: _, ...rest } = sample.labels;
    const key = JSON.stringify(Object.entries(rest).sort());
    series.set(key, [...series.get(key) ?? [], sample]);
  }
  for (const [key, own] of series) {
    const buckets = own.filter((one) => one.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => toNumber(labels["le"] ?? "none"));
    const rising = bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? bound));
    const counts = buckets.map(({ value }) => value);
    const cumulative = counts.every((count, at) => at === 0 || count >= (counts[at - 1] ?? count));
    const total = own.find((one) => one.name === `${name}_count`)?.value;
    const sum = own.some((one) => one.name === `${name}_sum`);
    if (!rising || !cumulative || bounds.at(-1) !== Infinity || counts.at(-1) !== total || !sum) {
      throw new Error(`${name}${key} is not a histogram`);
    }
  }
}
