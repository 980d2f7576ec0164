/** `deno task bench [NAME]…`: every figure with what it is held against, measured in the same run. */

import { benchCorrelation } from "./correlate.ts";
import { benchFiles } from "./files.ts";
import { benchJournal } from "./journal.ts";
import { benchLogs } from "./logs.ts";
import { machine, print, stolenShare } from "./machine.ts";
import { benchMasking } from "./masking.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchRules } from "./rules.ts";
import { benchSnmp } from "./snmp.ts";
import { benchTail } from "./tail.ts";
import { benchWake } from "./wake.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  pipeline: benchPipeline,
  correlate: benchCorrelation,
  journal: benchJournal,
  logs: benchLogs,
  rules: benchRules,
  snmp: benchSnmp,
  tail: benchTail,
  files: benchFiles,
  masking: benchMasking,
  wake: benchWake,
};

const asked = Deno.args.length > 0 ? Deno.args : Object.keys(BENCHES);
print(machine());
for (const name of asked) {
  const bench = BENCHES[name];
  if (bench === undefined) {
    print(
      `Cannot run as a benchmark must be one of ${Object.keys(BENCHES).join(", ")}: current value is ${name}`,
    );
    Deno.exit(2);
  }
  const stolen = stolenShare();
  await bench();
  const share = stolen();
  if (share !== undefined) print(`  of the processors' time others had meanwhile: ${(share * 100).toFixed(1)} %`);
}
