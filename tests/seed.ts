/**
 * Loaded before each test file: property tests draw the same examples in every run, so that what passed here passes there as well.
 * `WEIR_SEED=N` draws others, `WEIR_SEED=random` ever new ones; a failure prints the seed it came from.
 */

import fc from "fast-check";

const SEED = 20_260_101;

const asked = Deno.env.get("WEIR_SEED") ?? String(SEED);
if (asked !== "random") fc.configureGlobal({ seed: Number(asked) });
