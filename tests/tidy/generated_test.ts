/** Pages made from the code are what the code makes. */

import { deepStrictEqual } from "node:assert/strict";
import { generatedPages } from "./generate.ts";

Deno.test("generated: every page is fresh", async () => {
  const stale = (await generatedPages()).filter(({ current, expected }) => current !== expected);
  deepStrictEqual(stale.map(({ path }) => path), [], "renew them with: deno run -A tests/tidy/generate.ts");
});
