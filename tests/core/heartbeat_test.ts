import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { systemClock } from "../../src/core/clock.ts";
import { Heartbeat } from "../../src/core/heartbeat.ts";

/** A heart that beats when time is moved on, as an interval does. */
class Chest {
  nowMs = 0;
  begun = 0;
  #beat: (() => void) | undefined;
  #everyMs = 0;
  #nextMs = 0;
  readonly heartbeat = new Heartbeat(() => this.nowMs, (beat, everyMs) => {
    this.begun++;
    [this.#beat, this.#everyMs, this.#nextMs] = [beat, everyMs, this.nowMs + everyMs];
    return () => {
      if (this.#beat === beat) this.#beat = undefined;
    };
  });

  get isBeating(): boolean {
    return this.#beat !== undefined;
  }

  get everyMs(): number {
    return this.#everyMs;
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.#beat !== undefined && this.#nextMs <= untilMs) {
      this.nowMs = this.#nextMs;
      this.#nextMs += this.#everyMs;
      this.#beat();
    }
    this.nowMs = untilMs;
  }

  /** Looks every `ms`, and notes when. */
  look(ms: number, seen: number[] = []): { seen: number[]; stop: () => void } {
    let callOff = () => {};
    const again = () => {
      seen.push(this.nowMs);
      callOff = this.heartbeat.join(ms, again);
    };
    callOff = this.heartbeat.join(ms, again);
    return { seen, stop: () => callOff() };
  }
}

Deno.test("heartbeat: whoever looks half as often is woken at every second beat, and nobody has a beat of his own", () => {
  const chest = new Chest();
  const [fast, slow] = [chest.look(50), chest.look(100)];
  chest.advance(300);
  deepStrictEqual(fast.seen, [50, 100, 150, 200, 250, 300]);
  deepStrictEqual(slow.seen, [100, 200, 300]);
  strictEqual(chest.begun, 1);
});

Deno.test("heartbeat: a shorter sleep makes it beat faster, and when nobody asks for that any more it slows down", () => {
  const chest = new Chest();
  chest.look(200);
  const short = chest.look(50);
  strictEqual(chest.everyMs, 50);
  chest.advance(200);
  short.stop();
  chest.advance(2_000);
  strictEqual(chest.everyMs, 200);
});

Deno.test("heartbeat: stops at once when the last sleeper is called off, and a beat after the last was woken", () => {
  const chest = new Chest();
  const callOff = chest.heartbeat.join(50, () => {});
  callOff();
  strictEqual(chest.isBeating, false);
  callOff();
  let woken = 0;
  chest.heartbeat.join(50, () => woken++);
  chest.advance(50);
  strictEqual(woken, 1);
  chest.advance(50);
  strictEqual(chest.isBeating, false);
  chest.advance(1_000);
  strictEqual(woken, 1);
});

Deno.test("heartbeat: a sleeper called off by another's waking is not woken", () => {
  const chest = new Chest();
  let woken = 0;
  let callOff = () => {};
  chest.heartbeat.join(50, () => callOff());
  callOff = chest.heartbeat.join(50, () => woken++);
  chest.advance(500);
  strictEqual(woken, 0);
});

Deno.test("heartbeat: nobody is woken more than half of what was asked too soon or too late, or twice", () => {
  const sleep = fc.record({ startMs: fc.nat(500), ms: fc.integer({ min: 20, max: 1_000 }) });
  fc.assert(fc.property(fc.array(sleep, { minLength: 1, maxLength: 20 }), (sleeps) => {
    const chest = new Chest();
    const woke: number[][] = sleeps.map(() => []);
    for (
      const [i, { startMs, ms }] of sleeps.map((s, i) => [i, s] as const).sort((a, b) => a[1].startMs - b[1].startMs)
    ) {
      chest.advance(startMs - chest.nowMs);
      chest.heartbeat.join(ms, () => woke[i]?.push(chest.nowMs - startMs));
    }
    chest.advance(10_000);
    return sleeps.every(({ ms }, i) => woke[i]?.length === 1 && Math.abs((woke[i][0] ?? 0) - ms) <= ms / 2) &&
      !chest.isBeating;
  }));
});

Deno.test("clock: sleeping together ends at its signal, and leaves no timer behind", async () => {
  const stop = new AbortController();
  const sleeping = [systemClock.sleepTogether(100, stop.signal), systemClock.sleepTogether(250, stop.signal)];
  stop.abort();
  await Promise.all(sleeping);
  await systemClock.sleepTogether(100, stop.signal);
});
