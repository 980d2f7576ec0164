import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { Heap, Queue } from "../../src/correlate/heap.ts";
import { Line, SortedNumbers, Sum } from "../../src/correlate/numbers.ts";

Deno.test("a huge value that passes through a sum leaves no trace", () => {
  const sum = new Sum();
  for (const x of [0.1, 1e17, 0.2]) sum.add(x);
  sum.remove(1e17);
  ok(Math.abs(sum.value - 0.3) < 1e-15);
  sum.remove(0.1);
  sum.remove(0.2);
  strictEqual(sum.value, 0);
});

Deno.test("sorted numbers stay sorted as numbers come and go", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -9, max: 9 })), fc.infiniteStream(fc.nat()), (values, picks) => {
    const sorted = new SortedNumbers();
    const left = [...values];
    for (const x of values) sorted.add(x);
    for (let i = 0; i < values.length / 2; i++) {
      const [gone] = left.splice((picks.next().value ?? 0) % left.length, 1);
      sorted.remove(gone ?? NaN);
    }
    left.sort((a, b) => a - b);
    deepStrictEqual(Array.from({ length: sorted.size }, (_, i) => sorted.at(i)), left);
    strictEqual(sorted.at(left.length), undefined);
  }));
});

Deno.test("a percentile lies between the closest ranks, and there is none of nothing", () => {
  const sorted = new SortedNumbers();
  strictEqual(sorted.percentile(50), undefined);
  for (const x of [40, 10, 20, 30]) sorted.add(x);
  deepStrictEqual([0, 25, 50, 95, 100].map((p) => sorted.percentile(p)), [10, 17.5, 25, 38.5, 40]);
});

Deno.test("the slope is that of the points still there, however many have passed", () => {
  const line = new Line();
  const startMs = 1_767_225_600_000;
  strictEqual(line.slope, undefined);
  line.push(startMs, 1);
  strictEqual(line.slope, undefined, "one point has no slope");
  line.push(startMs, 5);
  strictEqual(line.slope, undefined, "nor have two at the same time");
  for (let i = 1; i < 100_000; i++) {
    line.push(startMs + i * 1000, i * 3);
    if (i > 50) line.shift();
  }
  ok(Math.abs((line.slope ?? 0) - 3) < 1e-9);
});

Deno.test("a heap gives what comes first first, a queue what came first", () => {
  fc.assert(fc.property(fc.array(fc.integer(), { maxLength: 3000 }), (values) => {
    const heap = new Heap<number>((a, b) => a < b);
    const queue = new Queue<number>();
    for (const x of values) {
      heap.push(x);
      queue.push(x);
    }
    strictEqual(heap.peek(), values.length === 0 ? undefined : Math.min(...values));
    deepStrictEqual(values.map(() => heap.pop()), [...values].sort((a, b) => a - b));
    deepStrictEqual(values.map(() => queue.shift()), values);
    deepStrictEqual([heap.size, heap.pop(), queue.size, queue.shift()], [0, undefined, 0, undefined]);
  }));
});
