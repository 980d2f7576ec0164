/** Whatever is written, rotated and copied, and whenever Weir is killed: each line is in the journal, once. */
import { deepStrictEqual } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { noMasking } from "../../../src/core/masking.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { createDecoder } from "../../../src/collectors/logs/decode/decoder.ts";
import { LogHealth } from "../../../src/collectors/logs/health.ts";
import { Intake } from "../../../src/collectors/logs/intake.ts";
import type { Portion } from "../../../src/collectors/logs/portion.ts";
import { tailFiles } from "../../../src/collectors/logs/tail/tail.ts";
import { append, inFolder } from "./tailing.ts";

type Step =
  | { readonly do: "append"; readonly lines: number }
  | { readonly do: "begin" | "rename" | "copy" | "kill" | "look" }
  | { readonly do: "halfCommit"; readonly events: number };

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("append" as const), lines: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("begin" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("rename" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("copy" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("look" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("halfCommit" as const), events: fc.nat(20) }) },
);

/** A writer that appends, keeps a file open that was renamed until its next line is whole, and rotates. */
class Writer {
  readonly written: string[] = [];
  #rest = "";

  constructor(readonly path: string) {
    append(path, "");
  }

  append(lines: number): void {
    let text = "";
    for (let n = 0; n < lines; n++) {
      const line = `${this.written.length} is its number`;
      this.written.push(line);
      text += this.#rest === "" || n > 0 ? `${line}\n` : "";
      if (this.#rest !== "" && n === 0) {
        // The line that was begun counts as this one.
        this.written[this.written.length - 1] = this.#rest + " and its end";
        text += " and its end\n";
        this.#rest = "";
      }
    }
    append(this.path, text);
  }

  /** The first part of a line. */
  begin(): void {
    if (this.#rest !== "") return;
    this.#rest = `${this.written.length} has a beginning`;
    append(this.path, this.#rest);
  }

  rename(): void {
    this.#end();
    this.#shift();
    Deno.renameSync(this.path, `${this.path}.1`);
    append(this.path, "");
  }

  copy(): void {
    this.#end();
    this.#shift();
    Deno.copyFileSync(this.path, `${this.path}.1`);
    Deno.truncateSync(this.path, 0);
  }

  end(): void {
    this.#end();
  }

  #end(): void {
    if (this.#rest !== "") this.append(1);
  }

  #shift(): void {
    const numbers = [...Deno.readDirSync(this.path.slice(0, this.path.lastIndexOf("/")))]
      .map(({ name }) => Number(name.split(".").at(-1))).filter((n) => n > 0).sort((a, b) => b - a);
    for (const n of numbers) Deno.renameSync(`${this.path}.${n}`, `${this.path}.${n + 1}`);
  }
}

/** Sleeps at once, and counts how often in a row nothing came. */
class HastyClock implements Clock {
  sleeps = 0;
  #aheadMs = 0;
  now = () => systemClock.now();
  monotonic = () => systemClock.monotonic() + this.#aheadMs;
  async sleep(ms: number): Promise<void> {
    this.sleeps++;
    this.#aheadMs += ms;
    await setImmediate();
  }
  sleepTogether(ms: number): Promise<void> {
    return this.sleep(ms);
  }
}

/** Weir, as far as lines and their places go: what is committed, and a tail that goes on from there. */
class Committing {
  readonly journal = new Map<string, string>();
  #state = new StagedState("logs");
  #abort = new AbortController();
  #clock = new HastyClock();
  #portions: AsyncGenerator<Portion> | undefined;
  #coming: Promise<IteratorResult<Portion>> | undefined;

  constructor(readonly pattern: string) {}

  /** The next portion, or none when nothing comes in a few looks. */
  async next(): Promise<Portion | undefined> {
    this.#portions ??= tailFiles(
      {
        inputs: [{
          pattern: this.pattern,
          exclude: [],
          readFrom: "start",
          intake: () => new Intake({ decoder: createDecoder("plain", { nowMs: () => 0 }), masking: noMasking }),
        }],
        filesMax: 100,
        lineBytesMax: 1_000,
        pollIntervalMs: 1,
        scanIntervalMs: 1,
        rotatedWaitMs: 60_000,
        health: new LogHealth(),
        isWatching: false,
      },
      { host: "h", clock: this.#clock, signal: this.#abort.signal, state: this.#state },
    );
    this.#coming ??= this.#portions.next();
    this.#clock.sleeps = 0;
    for (;;) {
      const came = await Promise.race([this.#coming, setImmediate(undefined)]);
      if (came !== undefined) {
        this.#coming = undefined;
        return came.value ?? undefined;
      }
      if (this.#clock.sleeps > 3) return undefined;
    }
  }

  /** Commits the first events of a portion, and its state when they are all. */
  commit({ events, state }: Portion, count = events.length): void {
    for (const { id, kind, fields } of events.slice(0, count)) {
      if (kind === "log.line" && !this.journal.has(id)) this.journal.set(id, String(fields.message));
    }
    if (count < events.length) return;
    for (const [key, value] of state) {
      if (value === null) this.#state.delete(key);
      else this.#state.set(key, value);
    }
  }

  /** Nothing of what was not committed is left. */
  async kill(): Promise<void> {
    this.#abort.abort();
    await this.#coming;
    await this.#portions?.return(undefined);
    this.#portions = this.#coming = undefined;
    this.#abort = new AbortController();
    this.#clock = new HastyClock();
  }

  /** Commits whatever there is. */
  async catchUp(): Promise<void> {
    for (let portion = await this.next(); portion !== undefined; portion = await this.next()) this.commit(portion);
  }
}

async function play(folder: string, steps: readonly Step[], pattern: string): Promise<void> {
  const path = `${folder}/app.log`;
  const writer = new Writer(path);
  const weir = new Committing(`${folder}/${pattern}`);
  await weir.catchUp();
  for (const step of steps) {
    if (step.do === "append") writer.append(step.lines);
    else if (step.do === "kill") await weir.kill();
    else if (step.do === "look") {
      const portion = await weir.next();
      if (portion !== undefined) weir.commit(portion);
    } else if (step.do === "halfCommit") {
      const portion = await weir.next();
      if (portion !== undefined) weir.commit(portion, Math.min(step.events, portion.events.length));
      await weir.kill();
    } else writer[step.do]();
  }
  writer.end();
  await weir.catchUp();
  await weir.kill();
  await weir.catchUp();
  await weir.kill();
  deepStrictEqual([...weir.journal.values()].sort(), [...writer.written].sort());
}

for (const pattern of ["app.log", "*"]) {
  Deno.test({
    name: `tail: each line once, whatever happens (${pattern})`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      fc.assert(
        fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 40 }), (steps) =>
          inFolder((folder) => play(folder, steps, pattern))),
        { numRuns: 100 },
      ),
  });
}
