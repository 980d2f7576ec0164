/** The log collector keeps to what every collector must. */
import { logsCollector } from "../../../src/collectors/logs/mod.ts";
import { collectorContract } from "../../contract/collector_contract.ts";

const folder = Deno.makeTempDirSync();
const path = `${folder}/app.log`;
let lines = 0;
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

collectorContract("logs contract", {
  definition: logsCollector,
  make: () => {
    // A living host's logs grow.
    Deno.writeTextFileSync(path, `Jan  1 00:00:01 web-1 app[7]: line ${++lines}\n`, { append: true });
    return logsCollector.create(logsCollector.schema.parse({
      paths: [path],
      read_from: "start",
      journald: { read: "never" },
    }));
  },
});
