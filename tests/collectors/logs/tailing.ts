/** A log collector over a folder of its own, driven for a test. */

import { systemClock } from "../../../src/core/clock.ts";
import type { CollectorContext } from "../../../src/core/collector.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { logsCollector } from "../../../src/collectors/logs/mod.ts";

/** How long a test waits for what must come: milliseconds. */
const DEADLINE_MS = 20_000;

/** A folder that is removed after; `settings` go over what every test has. */
export async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A running collector. */
export class Tailing {
  readonly events: TelemetryEvent[] = [];
  readonly dropped = new Map<string, number>();
  readonly warnings: string[] = [];
  readonly state: StagedState;
  readonly #abort = new AbortController();
  readonly #collector: ReturnType<typeof logsCollector.create>;
  readonly #running: Promise<void>;

  /** Starts one with a configuration, over `paths`, from the state that another left behind. */
  constructor(settings: Record<string, unknown>, before?: StagedState) {
    this.state = new StagedState("logs", before?.entries("") ?? []);
    const config = logsCollector.schema.parse({
      format: "plain",
      scan_interval: "200ms",
      poll_interval: "50ms",
      rotated_wait: "500ms",
      journald: { read: "never" },
      ...settings,
    });
    this.#collector = logsCollector.create(config);
    this.#running = this.#run();
  }

  /** The texts of the lines that came, in the order in which they came. */
  get lines(): string[] {
    return this.events.filter(({ kind }) => kind === "log.line").map(({ fields }) => String(fields.message));
  }

  /** Kinds of the events that are no lines. */
  get notices(): string[] {
    return this.events.filter(({ kind }) => kind !== "log.line").map(({ kind }) => kind);
  }

  /** What is wrong, by name. */
  get troubles(): Record<string, string> {
    const targets = this.#collector.targets?.() ?? [];
    return Object.fromEntries(targets.flatMap(({ name, trouble }) => (trouble === null ? [] : [[name, trouble]])));
  }

  /** Waits until something holds. */
  async until(holds: () => boolean, what = ""): Promise<void> {
    const endMs = performance.now() + DEADLINE_MS;
    while (!holds()) {
      if (performance.now() > endMs) {
        throw new Error(
          `Did not come about: ${what}. ${JSON.stringify([this.lines.slice(-20), this.notices, this.troubles])}`,
        );
      }
      await systemClock.sleep(5);
    }
  }

  /** Waits until so many lines have come. */
  untilLines(count: number): Promise<void> {
    return this.until(() => this.lines.length >= count, `${count} lines`);
  }

  /** Waits until an event of a kind has come. */
  untilNotice(kind: string): Promise<void> {
    return this.until(() => this.notices.includes(kind), kind);
  }

  /** Ends it and waits until it has let go of everything. */
  async stop(): Promise<StagedState> {
    this.#abort.abort();
    await this.#running;
    return this.state;
  }

  async #run(): Promise<void> {
    const context: CollectorContext = {
      host: "test-host",
      clock: systemClock,
      state: this.state,
      signal: this.#abort.signal,
      dropped: (reason, count) => this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + count),
      warn: (message) => this.warnings.push(message),
    };
    for await (const chunk of this.#collector.collect(context)) for (const event of chunk) this.events.push(event);
  }
}

/** Appends text, or bytes, to a file; makes it where it is not there. */
export function append(path: string, what: string | Uint8Array): void {
  const bytes = typeof what === "string" ? new TextEncoder().encode(what) : what;
  Deno.writeFileSync(path, bytes, { append: true });
}
