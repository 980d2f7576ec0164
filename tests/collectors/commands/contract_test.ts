/** The contract of all collectors, over files that grow as if somebody typed. */

import { makeCommandsCollector } from "../../../src/collectors/commands/collect.ts";
import { commandsCollector } from "../../../src/collectors/commands/mod.ts";
import { collectorContract } from "../../contract/collector_contract.ts";

const home = await Deno.makeTempDir({ prefix: "weir-commands-" });
const folder = `${home}/.local/state/weir`;
await Deno.mkdir(folder, { recursive: true });
await Deno.writeTextFile(`${home}/passwd`, `me:x:${Deno.uid() ?? 0}:0::${home}:/bin/sh\n`);
let number = 0;
globalThis.addEventListener("unload", () => Deno.removeSync(home, { recursive: true }));

collectorContract("commands", {
  definition: commandsCollector,
  skip: Deno.build.os === "windows" ? "there is no hook for Windows' shells" : undefined,
  make: () => {
    number++;
    const now = String(Math.floor(Date.now() / 1000));
    const fields = ["weir1", "bash", number, now, "5", number % 2, "/dev/pts/0", "/", "text", "ls", "", now];
    const text = fields.map((field) => `${field}\0`).join("") + "\n";
    Deno.writeTextFileSync(`${folder}/commands-${Deno.uid() ?? 0}-1700000000-${Deno.pid}-0.log`, text, {
      append: true,
    });
    return makeCommandsCollector(commandsCollector.schema.parse({ interval: "50ms" }), `${home}/passwd`);
  },
});
