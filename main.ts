/** Weir's door: everything it can be asked for is a command of `src/cli/`. */
import { main } from "./src/cli/mod.ts";

if (import.meta.main) await main(Deno.args);
