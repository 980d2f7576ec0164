import { deepStrictEqual } from "node:assert/strict";
import { placeholdersOf } from "../../src/rules/message.ts";

Deno.test("placeholders are found, each once, and braces that hold none are text", () => {
  deepStrictEqual(placeholdersOf("{a.b} and { c } and {a.b}, {} and {{d}} and }e{"), ["a.b", "c", "d"]);
  deepStrictEqual(placeholdersOf(""), []);
});
