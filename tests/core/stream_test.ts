import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { Merge } from "../../src/core/stream.ts";

async function* chunksOf<T>(...chunks: T[][]): AsyncGenerator<readonly T[]> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** Takes until every source has ended, and returns what came by source. */
async function drain<T>(merge: Merge<T>, itemsMax: number): Promise<Map<string, T[]>> {
  const bySource = new Map<string, T[]>();
  while (merge.size > 0) {
    await merge.arrival();
    const batch = merge.take(itemsMax);
    ok(batch.reduce((sum, part) => sum + part.items.length, 0) <= itemsMax);
    for (const { source, items } of batch) bySource.set(source, [...(bySource.get(source) ?? []), ...items]);
  }
  return bySource;
}

Deno.test("merge: no source ends at once", async () => {
  deepStrictEqual(await drain(new Merge<number>(), 10), new Map());
});

Deno.test("merge: keeps each source's order and loses nothing, whatever the chunks and the batch size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.array(fc.integer(), { maxLength: 7 }), { maxLength: 6 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 9 }),
      async (sources, itemsMax) => {
        const merge = new Merge<number>();
        sources.forEach((chunks, i) => merge.add({ name: `s${i}`, chunks: chunksOf(...chunks) }));
        const got = await drain(merge, itemsMax);
        sources.forEach((chunks, i) => deepStrictEqual(got.get(`s${i}`) ?? [], chunks.flat()));
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("merge: a chunk larger than the batch is handed out in parts, its end marked once", async () => {
  const merge = new Merge<number>();
  merge.add({ name: "a", chunks: chunksOf([1, 2, 3, 4, 5]) });
  await merge.arrival();
  const parts = [merge.take(2), merge.take(2), merge.take(2)].flat();
  deepStrictEqual(parts.map((p) => [p.items, p.endsChunk]), [[[1, 2], false], [[3, 4], false], [[5], true]]);
  await merge.end();
});

Deno.test("merge: a source is not pulled again until its chunk was taken", async () => {
  let pulls = 0;
  async function* counting(): AsyncGenerator<readonly number[]> {
    for (;;) {
      pulls++;
      yield await Promise.resolve([pulls]);
    }
  }
  const merge = new Merge<number>();
  merge.add({ name: "a", chunks: counting() });
  await merge.arrival();
  for (let i = 0; i < 10; i++) await Promise.resolve();
  strictEqual(pulls, 1);
  merge.take(10);
  await merge.arrival();
  strictEqual(pulls, 2);
  await merge.end();
});

Deno.test("merge: one source that never yields does not hold the others up", async () => {
  const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  const merge = new Merge<number>();
  merge.add({ name: "silent", chunks: silent });
  merge.add({ name: "lively", chunks: chunksOf([1], [2]) });
  const got: number[] = [];
  while (got.length < 2) {
    await merge.arrival();
    got.push(...merge.take(10).flatMap((p) => p.items));
  }
  deepStrictEqual(got, [1, 2]);
  ok(merge.isWaiting("silent"));
  await merge.end();
});

Deno.test("merge: end calls return() on every source, and says what went wrong there", async () => {
  const returned: string[] = [];
  const source = (name: string, fails: boolean) => ({
    name,
    chunks: {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false as const, value: [1] }),
        return: () => {
          returned.push(name);
          return fails
            ? Promise.reject(new Error("stuck"))
            : Promise.resolve({ done: true as const, value: undefined });
        },
      }),
    },
  });
  const merge = new Merge<number>();
  merge.add(source("a", false));
  merge.add(source("b", true));
  await merge.arrival();
  deepStrictEqual(await merge.end(), ["b: stuck"]);
  deepStrictEqual(returned.sort(), ["a", "b"]);
  strictEqual(merge.size, 0);
});

Deno.test("merge: a source that throws is told of and its name can be used again", async () => {
  const ends: unknown[] = [];
  async function* failing(): AsyncGenerator<readonly number[]> {
    yield await Promise.resolve([1]);
    throw new Error("gone");
  }
  const merge = new Merge<number>();
  const add = () => merge.add({ name: "a", chunks: failing(), onEnd: (error) => ends.push(error) });
  add();
  deepStrictEqual(await drain(merge, 10), new Map([["a", [1]]]));
  strictEqual((ends[0] as Error).message, "gone");
  add();
  strictEqual(merge.size, 1);
  await merge.end();
});
