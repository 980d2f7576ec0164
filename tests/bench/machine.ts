/** What a figure was measured on. */
import os from "node:os";

export function machine(): string {
  const model = os.cpus()[0]?.model ?? "unknown processor";
  const load = os.loadavg()[0]?.toFixed(2);
  return `${os.cpus().length} × ${model}, ${
    Math.round(os.totalmem() / 2 ** 30)
  } GiB, Deno ${Deno.version.deno}, load ${load}`;
}

/** The middle of several figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** The value that `share` (0 to 1) of the figures do not pass. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** A figure with its thousands apart. */
export function grouped(figure: number): string {
  return Math.round(figure).toLocaleString("en-GB");
}

/** Prints a line of results. */
export function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}
