/** Files of this host: what is there, and what becomes of it. */

import type { CollectorDefinition } from "../definition.ts";
import { makeFilesCollector } from "./collect.ts";
import { filesSchema } from "./schema.ts";
import { SOURCE_NAME } from "./tell.ts";

export const filesCollector: CollectorDefinition<typeof filesSchema> = {
  name: SOURCE_NAME,
  description:
    "Files of this host that should seldom change: created, changed, moved, deleted, live and while Weir was off",
  kinds: [
    { kind: "file.create", description: "A file, folder or link that was not there before" },
    { kind: "file.change", description: "One that holds something else than before" },
    { kind: "file.attributes", description: "One whose mode, owner, times or links changed, and its content did not" },
    { kind: "file.move", description: "One that is where it was not, and no longer where it was" },
    { kind: "file.delete", description: "One that is no longer there" },
    { kind: "file.scan", description: "A look at everything: why, how much there was, what could not be seen" },
  ],
  schema: filesSchema,
  offReason({ paths }) {
    if (Deno.build.os === "windows") return "files are watched on Linux and macOS";
    return paths.length === 0 ? "no paths are configured" : undefined;
  },
  create: (config) => makeFilesCollector(config),
};
