import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  CounterMemory,
  type CounterSample,
  growthOf,
  isRestarted,
  worstOf,
} from "../../../src/collectors/snmp/counter.ts";

const RANGE_32 = 2n ** 32n;
const RANGE_64 = 2n ** 64n;
const calm = { isRestarted: false };

const sample = (value: bigint, seconds: number, bits: 32 | 64 = 32): CounterSample => ({
  value,
  bits,
  atMs: seconds * 1000,
});

Deno.test("growthOf: what a counter grew by, exactly, wraps at its end included", () => {
  deepStrictEqual(growthOf(undefined, sample(5n, 0), calm), { quality: "first" });
  deepStrictEqual(growthOf(sample(5n, 0), sample(5n, 10), calm), { quality: "good", increase: 0n, perSecond: 0 });
  deepStrictEqual(growthOf(sample(5n, 0), sample(6n, 10), calm), { quality: "good", increase: 1n, perSecond: 0.1 });
  const end = growthOf(sample(RANGE_32 - 1n, 0), sample(0n, 10), calm);
  deepStrictEqual(end, { quality: "wrapped", increase: 1n, perSecond: 0.1 });
  const wide = growthOf(sample(RANGE_64 - 1n, 0, 64), sample(1n, 10, 64), calm);
  deepStrictEqual(wide, { quality: "wrapped", increase: 2n, perSecond: 0.2 });
  const exact = growthOf(sample(2n ** 60n, 0, 64), sample(2n ** 60n + 1n, 10, 64), calm);
  deepStrictEqual(exact, { quality: "good", increase: 1n, perSecond: 0.1 });
});

Deno.test("growthOf: half the range is as far as a wrap is believed; from there on it has started again", () => {
  const half = RANGE_32 / 2n;
  strictEqual(growthOf(sample(half, 0), sample(0n, 10), calm).quality, "wrapped");
  strictEqual(growthOf(sample(half - 1n, 0), sample(0n, 10), calm).quality, "reset");
  strictEqual(growthOf(sample(RANGE_64 / 2n - 1n, 0, 64), sample(0n, 10, 64), calm).quality, "reset");
});

Deno.test("growthOf: no rate over a restart, out of two widths, or out of no time", () => {
  deepStrictEqual(growthOf(sample(1n, 0), sample(9n, 10), { isRestarted: true }), { quality: "reset" });
  deepStrictEqual(growthOf(sample(1n, 0, 32), sample(9n, 10, 64), calm), { quality: "first" });
  deepStrictEqual(growthOf(sample(1n, 10), sample(9n, 10), calm), { quality: "first" });
});

Deno.test("growthOf: a rate above the speed is refused, a little above it is not", () => {
  const at = (increase: bigint) =>
    growthOf(sample(0n, 0, 64), sample(increase, 10, 64), { ...calm, perSecondMax: 100 });
  strictEqual(at(1_000n).quality, "good");
  strictEqual(at(1_250n).quality, "good");
  deepStrictEqual(at(1_251n), { quality: "implausible" });
  const wrap = growthOf(sample(RANGE_32 - 10n, 0), sample(5_000n, 10), { ...calm, perSecondMax: 100 });
  strictEqual(wrap.quality, "reset", "a wrap that would have been too fast is none");
  const fast = { ...calm, perSecondMax: 1_250_000_000 };
  strictEqual(growthOf(sample(RANGE_32 - 1n, 0), sample(RANGE_32 - 2n, 60), fast).quality, "ambiguous");
  strictEqual(growthOf(sample(1n, 0), sample(9n, 60), fast).quality, "ambiguous");
  strictEqual(growthOf(sample(1n, 0), sample(9n, 2), fast).quality, "good");
  strictEqual(growthOf(sample(1n, 0, 64), sample(9n, 60, 64), fast).quality, "good");
});

Deno.test("growthOf: of any counter that counted on, the increase is what it counted, or none is told", () => {
  const bits = fc.constantFrom<32 | 64>(32, 64);
  fc.assert(fc.property(bits, fc.bigInt(0n, RANGE_64 - 1n), fc.bigInt(0n, 2n ** 40n), (bits, from, increase) => {
    const range = 1n << BigInt(bits);
    const now = (from + increase) % range;
    const growth = growthOf(sample(from % range, 0, bits), sample(now, 60, bits), calm);
    if (increase < range / 2n) strictEqual(growth.increase, increase);
    else if (growth.increase !== undefined) strictEqual((growth.increase - increase) % range, 0n);
    ok(growth.perSecond === undefined || (growth.perSecond >= 0 && Number.isFinite(growth.perSecond)));
  }));
});

Deno.test("isRestarted: sysUpTime that went back, or is too young; not one that wrapped or is late", () => {
  const minute = 60_000;
  strictEqual(isRestarted(100_000, 106_000, minute), false);
  strictEqual(isRestarted(100_000, 500, minute), true);
  strictEqual(isRestarted(100_000, 99_999, minute), true);
  strictEqual(isRestarted(2 ** 32 - 3_000, 3_000, minute), false, "497 days are over");
  strictEqual(isRestarted(2 ** 32 - 3_000, 50_000, minute), true, "that is more than a minute after the wrap");
  strictEqual(isRestarted(1_000, 30_000, 3_600_000), true, "an hour has passed, and it is five minutes old");
  strictEqual(isRestarted(100_000, 100_000, minute), false, "an agent whose clock stands still did not restart");
  strictEqual(isRestarted(0, 6_010, minute), false);
});

Deno.test("CounterMemory: a row that went unread keeps its last values, one that is gone is forgotten", () => {
  const memory = new CounterMemory();
  memory.growth("a", sample(0n, 0), calm);
  memory.growth("b", sample(0n, 0), calm);
  memory.endPoll(() => false);
  memory.endPoll((key) => key === "a");
  deepStrictEqual(memory.growth("a", sample(100n, 20), calm), { quality: "good", increase: 100n, perSecond: 5 });
  deepStrictEqual(memory.growth("b", sample(100n, 20), calm), { quality: "first" });
  strictEqual(memory.isChanged("m", 1), false);
  memory.endPoll(() => false);
  strictEqual(memory.isChanged("m", 1), false);
  memory.endPoll(() => false);
  strictEqual(memory.isChanged("m", 2), true);
});

Deno.test("CounterMemory: what goes unread poll after poll is forgotten in the end", () => {
  for (const [unread, quality] of [[5, "good"], [6, "first"]] as const) {
    const memory = new CounterMemory();
    memory.growth("a", sample(0n, 0), calm);
    memory.endPoll(() => true);
    for (let poll = 0; poll < unread; poll++) memory.endPoll(() => true);
    strictEqual(memory.growth("a", sample(1n, 600), calm).quality, quality);
  }
});

Deno.test("worstOf: the one that says most against a row", () => {
  strictEqual(worstOf([]), "good");
  strictEqual(worstOf(["good", "first"]), "first");
  strictEqual(worstOf(["wrapped", "implausible", "reset"]), "implausible");
});
