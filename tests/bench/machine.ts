/** What a figure was measured on. */
import os from "node:os";

export function machine(): string {
  const model = os.cpus()[0]?.model ?? "unknown processor";
  const load = os.loadavg()[0]?.toFixed(2);
  return `${os.cpus().length} × ${model}, ${
    Math.round(os.totalmem() / 2 ** 30)
  } GiB, Deno ${Deno.version.deno}, load ${load}`;
}

/**
 * From now until it is asked, the share of the processors' time that the machine below this one, where there is one, gave to others:
 * `steal` of proc(5). `undefined` where that is not told.
 */
export function stolenShare(): () => number | undefined {
  const before = processorTimes();
  return () => {
    const after = processorTimes();
    if (before === undefined || after === undefined) return undefined;
    return (after.stolen - before.stolen) / Math.max(1, after.total - before.total);
  };
}

function processorTimes(): { stolen: number; total: number } | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const [all = ""] = Deno.readTextFileSync("/proc/stat").split("\n");
  const times = all.split(/ +/).slice(1, 9).map(Number); // those of guests are in these
  return { stolen: times[7] ?? 0, total: times.reduce((sum, time) => sum + time, 0) };
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
