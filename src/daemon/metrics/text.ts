/** Writes Prometheus text (version 0.0.4): one family after the other, each with its help, its type and its samples. */

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

/** A histogram's counts: one per bound, plus one for everything above. */
export interface HistogramFigures {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

const NO_LABELS: Labels = {};

export class MetricText {
  readonly #lines: string[] = [];

  gauge(name: string, help: string, samples: number | readonly Sample[]): void {
    this.#family(name, "gauge", help, samples);
  }

  /** `name` ends with `_total`. */
  counter(name: string, help: string, samples: number | readonly Sample[]): void {
    this.#family(name, "counter", help, samples);
  }

  histogram(
    name: string,
    help: string,
    all: Iterable<readonly [labels: Labels, figures: HistogramFigures]>,
  ): void {
    this.#head(name, "histogram", help);
    for (const [labels, { bounds, counts, sum }] of all) {
      let below = 0;
      counts.forEach((count, at) => {
        below += count;
        const le = String(bounds[at] ?? "+Inf");
        this.#sample(`${name}_bucket`, { ...labels, le }, below);
      });
      this.#sample(`${name}_sum`, labels, sum);
      this.#sample(`${name}_count`, labels, below);
    }
  }

  toString(): string {
    return this.#lines.join("");
  }

  #family(name: string, type: string, help: string, samples: number | readonly Sample[]): void {
    this.#head(name, type, help);
    const all: readonly Sample[] = typeof samples === "number" ? [[NO_LABELS, samples]] : samples;
    for (const [labels, value] of all) this.#sample(name, labels, value);
  }

  #head(name: string, type: string, help: string): void {
    this.#lines.push(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  }

  #sample(name: string, labels: Labels, value: number): void {
    const shown = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    this.#lines.push(`${name}${shown.length === 0 ? "" : `{${shown.join(",")}}`} ${value}\n`);
  }
}

/** Callers choose some of these texts, so characters that would end a label or a line are escaped. */
function escaped(text: string): string {
  return text.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll(
    "\n",
    "\\n",
  );
}
