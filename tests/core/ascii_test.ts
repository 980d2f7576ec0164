import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { asciiRuns, isAscii } from "../../src/core/ascii.ts";

Deno.test("ascii: every one of its 128 characters, and none beyond", () => {
  const all = String.fromCharCode(...Array(128).keys());
  strictEqual(isAscii(""), true);
  strictEqual(isAscii(all), true);
  for (const beyond of ["\x80", "é", "\ufeff", "😀", "\ud800"]) strictEqual(isAscii(`a${beyond}`), false);
});

Deno.test("ascii: runs", () => {
  deepStrictEqual(asciiRuns(""), [""]);
  deepStrictEqual(asciiRuns("plain"), ["plain"]);
  deepStrictEqual(asciiRuns("éab😀ïcdé"), ["", "ab", "cd", ""]);
});
