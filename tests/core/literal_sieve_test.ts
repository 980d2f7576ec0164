import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { literalSieve } from "../../src/core/literal_sieve.ts";

Deno.test("literal sieve: finds the groups that looking for one literal after the other finds", () => {
  const letters = fc.constantFrom("a", "b", "k", "_", ":", "-");
  const literal = fc.string({ unit: letters, minLength: 3, maxLength: 7 });
  const groups = fc.array(fc.array(literal, { maxLength: 4 }), { maxLength: 5 });
  const text = fc.string({
    unit: fc.constantFrom("a", "B", "k", "A", "b", "K", "_", ":", "-", "☃", "\n"),
    maxLength: 40,
  });
  fc.assert(
    fc.property(groups, text, (groups, text) => {
      const lower = text.toLowerCase();
      const expected = groups.flatMap((literals, number) =>
        literals.some((one) => lower.includes(one)) ? [number] : []
      );
      deepStrictEqual([...literalSieve(groups)(text)], expected);
    }),
    { numRuns: 3_000 },
  );
});
