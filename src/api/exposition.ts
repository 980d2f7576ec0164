/** Prometheus' text format, version 0.0.4. */

/** Labels and a value. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Cumulative counts by upper bound, the last bound infinite. */
export interface HistogramSample {
  readonly buckets: readonly { readonly bound: number; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
}

/** Gathers families; each name is given once, with all of its samples. */
export class Exposition {
  readonly #lines: string[] = [];

  counter(name: string, help: string, samples: readonly Sample[] | number): void {
    this.#family(name, "counter", help, samples);
  }

  gauge(name: string, help: string, samples: readonly Sample[] | number): void {
    this.#family(name, "gauge", help, samples);
  }

  histogram(name: string, help: string, { buckets, sum, count }: HistogramSample): void {
    this.#head(name, "histogram", help);
    for (const bucket of buckets) this.#sample(`${name}_bucket`, { le: number(bucket.bound) }, bucket.count);
    this.#sample(`${name}_sum`, {}, sum);
    this.#sample(`${name}_count`, {}, count);
  }

  toString(): string {
    return this.#lines.join("\n") + "\n";
  }

  #family(name: string, type: string, help: string, samples: readonly Sample[] | number): void {
    this.#head(name, type, help);
    if (typeof samples === "number") return this.#sample(name, {}, samples);
    for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  #head(name: string, type: string, help: string): void {
    this.#lines.push(
      `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
      `# TYPE ${name} ${type}`,
    );
  }

  #sample(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    const inside = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(",");
    this.#lines.push(`${name}${inside === "" ? "" : `{${inside}}`} ${number(value)}`);
  }
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}
