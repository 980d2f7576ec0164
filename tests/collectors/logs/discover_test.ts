/** Which files are wanted. */

import { deepStrictEqual } from "node:assert/strict";
import { discover } from "../../../src/collectors/logs/tail/discover.ts";
import { inFolder } from "./tailing.ts";

Deno.test("discover: what is excluded, compressed or in Weir's own folder is not found, whatever the pattern", () =>
  inFolder(async (folder) => {
    for (const name of ["a.log", "b.log", "a.log.1.gz", "data/weir.db", "data/weir.db-wal", "data2/c.log"]) {
      await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}`, "a\n");
    }
    const namesOf = (pattern: string, ownFolder?: string) =>
      discover([{ pattern: `${folder}/${pattern}`, exclude: ["b.*"] }], ownFolder)
        .found.map(({ path }) => path.slice(folder.length + 1));
    deepStrictEqual(namesOf("**"), ["a.log", "data/weir.db", "data/weir.db-wal", "data2/c.log"]);
    deepStrictEqual(namesOf("**", `${folder}/data`), ["a.log", "data2/c.log"]);
    deepStrictEqual(namesOf("data/weir.db", `${folder}/data`), []);
  }));
