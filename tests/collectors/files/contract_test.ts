/** The contract of all collectors, over a folder in which things come and go. */

import { makeFilesCollector } from "../../../src/collectors/files/collect.ts";
import { filesCollector } from "../../../src/collectors/files/mod.ts";
import { collectorContract } from "../../contract/collector_contract.ts";
import { TEST_SYSTEM } from "./watching.ts";

const folder = await Deno.makeTempDir({ prefix: "weir-files-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** What is done to the folder while the collector runs, a step now and then, so that there is news of every kind. */
function stir(): void {
  const path = `${folder}/a`;
  const steps = [
    () => Deno.writeTextFileSync(path, "one"),
    () => Deno.writeTextFileSync(path, "three"),
    () => Deno.chmodSync(path, 0o600),
    () => Deno.renameSync(path, `${folder}/b`),
    () => Deno.removeSync(`${folder}/b`),
  ];
  const timer = setInterval(() => {
    const step = steps.shift();
    if (step === undefined) clearInterval(timer);
    else step();
  }, 400);
  stirring.add(timer);
}

const stirring = new Set<ReturnType<typeof setInterval>>();

let made = 0;

collectorContract("files", {
  definition: filesCollector,
  skip: Deno.build.os === "linux" ? undefined : "folders are watched on Linux only",
  withinMs: 30_000,
  untilKinds: ["file.scan", "file.create", "file.change", "file.attributes", "file.move", "file.delete"],
  make: () => {
    if (++made === 2) stir(); // the run in which news of every kind is waited for
    const config = filesCollector.schema.parse({ paths: [folder], settle: "50ms", rescan_interval: "1s" });
    return makeFilesCollector(config, TEST_SYSTEM);
  },
});

Deno.test("files: what stirs the contract's folder has ended", () => {
  for (const timer of stirring) clearInterval(timer);
});
