/** A file that cannot be read is told of and tried again; what was written meanwhile is not lost. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { systemClock } from "../../../src/core/clock.ts";
import { noMasking } from "../../../src/core/masking.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { createDecoder } from "../../../src/collectors/logs/decode/decoder.ts";
import { LogHealth } from "../../../src/collectors/logs/health.ts";
import { Intake } from "../../../src/collectors/logs/intake.ts";
import { openRegular } from "../../../src/collectors/logs/tail/identity.ts";
import { tailFiles } from "../../../src/collectors/logs/tail/tail.ts";
import { append, inFolder } from "./tailing.ts";

Deno.test({
  name: "tail: not readable at first, readable later: told, and read on from where it was first seen",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const path = `${folder}/secure`;
      append(path, "before Weir looked\n");
      let isLocked = true;
      const abort = new AbortController();
      const health = new LogHealth();
      const warnings: string[] = [];
      health.attach({ clock: systemClock, signal: abort.signal, warn: (message) => warnings.push(message) });
      const lines: string[] = [];
      const portions = tailFiles({
        inputs: [{
          pattern: path,
          exclude: [],
          readFrom: "end",
          intake: () => new Intake({ decoder: createDecoder("plain", { nowMs: () => 0 }), masking: noMasking }),
        }],
        filesMax: 10,
        lineBytesMax: 1_000,
        pollIntervalMs: 20,
        scanIntervalMs: 40,
        rotatedWaitMs: 1_000,
        health,
        isWatching: false,
        open: (of) => {
          if (isLocked) throw new Deno.errors.PermissionDenied("EACCES: permission denied");
          return openRegular(of);
        },
      }, { host: "h", clock: systemClock, signal: abort.signal, state: new StagedState("logs") });
      const deadline = setTimeout(() => abort.abort(), 20_000);
      const reading = (async () => {
        for await (const { events } of portions) {
          for (const { kind, fields } of events) if (kind === "log.line") lines.push(String(fields.message));
          if (lines.length >= 2) abort.abort();
        }
      })();
      while (warnings.length === 0 && !abort.signal.aborted) await systemClock.sleep(10);
      ok(warnings[0]?.includes(`Cannot read "${path}", trying again: EACCES`), warnings[0]);
      append(path, "while it was locked\n");
      isLocked = false;
      while (health.targets().some(({ trouble }) => trouble !== null) && !abort.signal.aborted) {
        await systemClock.sleep(10);
      }
      append(path, "after\n");
      await reading;
      clearTimeout(deadline);
      deepStrictEqual(lines, ["while it was locked", "after"]);
    }),
});
