/** Weir's version: the one place it is read. */
import manifest from "../../deno.json" with { type: "json" };

export const VERSION: string = manifest.version;
