/** Random texts that often hold one another, for the tests of the index. */

import fc from "fast-check";

/** Few characters, so that texts meet: letters in both cases, a separator, and what lower case does odd things to. */
const CHARACTERS = ["a", "A", "b", "B", "\\", ".", "é", "É", "İ", "K", "Σ", "ς", "\ud801\udc00"] as const;

/** Texts as events hold them. */
export const valueText: fc.Arbitrary<string> = fc.array(
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom("a", "A", "b", "\\") }, {
    weight: 1,
    arbitrary: fc.constantFrom(...CHARACTERS),
  }),
  { maxLength: 24 },
).map((characters) => characters.join(""));

/** Texts as rules look for them: in lower case. */
export const literalText: fc.Arbitrary<string> = valueText.map((text) => text.toLowerCase().slice(0, 14));

/** The same, but not empty. */
export const partText: fc.Arbitrary<string> = literalText.filter((text) => text !== "");
