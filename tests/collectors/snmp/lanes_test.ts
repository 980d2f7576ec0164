/** Who is read, who is waited for, and that nobody who only waits keeps another from being read. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { SimulatedClock } from "../../../src/core/clock.ts";
import { Lanes, type Place, PLACE_KEPT_MS, SILENT_PLACES_EACH } from "../../../src/collectors/snmp/lanes.ts";

/** Lanes, and the names of those who had their turn: to come in, and to be read on. */
function watched(width: number) {
  const clock = new SimulatedClock();
  const lanes = new Lanes(width, clock);
  const log: string[] = [];
  const enter = async (name: string, lane: "asking" | "reading"): Promise<Place> => {
    const place = await lanes.enter(lane);
    log.push(name);
    return {
      answered: async () => {
        await place.answered();
        log.push(`${name} answered`);
      },
      leave: () => place.leave(),
    };
  };
  return { clock, log, enter };
}

Deno.test("Lanes: so many at once, in the order of asking; to leave twice is to leave once", async () => {
  const { clock, log, enter } = watched(1);
  const a = await enter("a", "reading");
  const b = enter("b", "reading");
  const c = enter("c", "reading");
  await clock.advance(PLACE_KEPT_MS - 1);
  deepStrictEqual(log, ["a"]);
  a.leave();
  a.leave();
  await clock.advance(0);
  deepStrictEqual(log, ["a", "b"]);
  (await b).leave();
  (await c).leave();
});

Deno.test("Lanes: who is read and slow steps aside while there is room, and keeps the place while there is none", async () => {
  const { clock, log, enter } = watched(1);
  const a = await enter("a", "reading");
  const b = enter("b", "reading");
  const c = enter("c", "reading");
  await a.answered();
  await clock.advance(PLACE_KEPT_MS);
  await (await b).answered();
  await clock.advance(3 * PLACE_KEPT_MS);
  deepStrictEqual(log, ["a", "a answered", "b", "b answered"], "there is one place for the slow, and a has it");
  a.leave();
  await clock.advance(PLACE_KEPT_MS);
  deepStrictEqual(log.slice(4), ["c"], "b steps aside when there is room again");
  (await b).leave();
  (await c).leave();
});

Deno.test("Lanes: who does not answer holds a place for a moment, and comes before others when it answers after all", async () => {
  const { clock, log, enter } = watched(1);
  const fallen = await enter("fallen", "reading");
  const b = enter("b", "reading");
  const c = enter("c", "reading");
  await clock.advance(PLACE_KEPT_MS);
  deepStrictEqual(log, ["fallen", "b"]);
  const back = fallen.answered();
  await clock.advance(0);
  strictEqual(log.length, 2, "it waits for its turn");
  (await b).leave();
  await back;
  deepStrictEqual(log, ["fallen", "b", "fallen answered"]);
  fallen.leave();
  (await c).leave();
});

Deno.test("Lanes: the silent hold no place among those that are read, however many they are", async () => {
  const { clock, log, enter } = watched(1);
  const silent = Array.from({ length: SILENT_PLACES_EACH + 1 }, (_, i) => enter(`silent ${i}`, "asking"));
  const late = enter("one too many", "asking");
  await clock.advance(PLACE_KEPT_MS - 1);
  strictEqual(log.length, 1, "they are asked one after the other");
  await clock.advance(100 * PLACE_KEPT_MS);
  strictEqual(log.length, SILENT_PLACES_EACH + 1, "of them too there is a bound");
  const live = await enter("live", "reading");
  await live.answered();
  deepStrictEqual(log.slice(SILENT_PLACES_EACH + 1), ["live", "live answered"]);
  live.leave();
  for (const place of await Promise.all(silent)) place.leave();
  (await late).leave();
});

Deno.test("Lanes: a place left while it waited for its turn goes to the next", async () => {
  const { clock, log, enter } = watched(1);
  const silent = await enter("silent", "asking");
  const live = await enter("live", "reading");
  silent.answered();
  silent.leave();
  const next = enter("next", "reading");
  live.leave();
  await clock.advance(0);
  deepStrictEqual(log, ["silent", "live", "silent answered", "next"]);
  (await next).leave();
});

Deno.test("Lanes: whatever comes, bounds hold and everyone gets through", async () => {
  const poll = fc.record({
    lane: fc.constantFrom("reading" as const, "asking" as const),
    atMs: fc.nat(2_000),
    answersMs: fc.option(fc.nat(1_500), { nil: undefined }),
    readsMs: fc.nat(1_500),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(poll, { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), async (polls, width) => {
      const clock = new SimulatedClock();
      const lanes = new Lanes(width, clock);
      let [through, reading, most] = [0, 0, 0];
      const run = async ({ lane, atMs, answersMs, readsMs }: (typeof polls)[number]) => {
        await clock.sleep(atMs);
        const place = await lanes.enter(lane);
        await clock.sleep(answersMs ?? 2_000);
        if (answersMs !== undefined) {
          await place.answered();
          most = Math.max(most, ++reading);
          await clock.sleep(readsMs);
          reading--;
        }
        place.leave();
        through++;
      };
      const all = polls.map(run);
      await clock.advance(200_000);
      strictEqual(through, polls.length);
      strictEqual(most <= 2 * width, true, `${most} were read at once`);
      await Promise.all(all);
    }),
    { numRuns: 30 },
  );
});
