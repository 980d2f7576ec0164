import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  parseArgs,
  parseAuxiliary,
  parseExecutable,
  parseLoadavg,
  parseStat,
  processName,
} from "../../../src/collectors/process/proc_parse.ts";
import { parsePasswd } from "../../../src/core/passwd.ts";
import { statLine } from "./fake_proc.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("stat: whatever a name holds, the fields behind it are read", () => {
  for (const comm of ["a b", "x) S 1 (y", "(((", ")))", "line\nend", "", "ünï\u{1F600}"]) {
    const stat = parseStat(statLine(7, { comm, parent: 3, start: 4_711, cpuTicks: 12, threads: 5, state: "D" }));
    deepStrictEqual(
      [stat?.comm, stat?.parentPid, stat?.startTicks, stat?.cpuTicks, stat?.threads, stat?.state],
      [comm, 3, 4_711, 12, 5, "disk_sleep"],
    );
  }
});

Deno.test("stat: a line that is cut short, or none, is not a process", () => {
  const line = statLine(7, { comm: "prog" });
  for (const text of ["", "7", "7 (prog", "7 (prog)", "7 (prog) S 1 2", ")(", line.slice(0, 40)]) {
    strictEqual(parseStat(text), undefined, JSON.stringify(text));
  }
});

Deno.test("stat: any name and any text never throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (comm) => {
    strictEqual(parseStat(statLine(1, { comm, start: 5 }))?.startTicks, 5);
    parseStat(comm);
  }));
});

Deno.test("arguments: empty ones count, a thread of the kernel has none, padding behind a title is none", () => {
  deepStrictEqual(parseArgs(encode("")), []);
  deepStrictEqual(parseArgs(encode("\0")), [""]);
  deepStrictEqual(parseArgs(encode("a\0\0b\0")), ["a", "", "b"]);
  deepStrictEqual(parseArgs(encode("a\0\0\0")), ["a", "", ""]);
  deepStrictEqual(parseArgs(encode("no end")), ["no end"]);
  deepStrictEqual(parseArgs(encode("nginx: worker" + "\0".repeat(60))), ["nginx: worker"]);
});

Deno.test("arguments: bytes that are not UTF-8 are replaced, and the others kept", () => {
  deepStrictEqual(parseArgs(new Uint8Array([0x61, 0xff, 0x62, 0, 0x63, 0])), ["a\ufffdb", "c"]);
});

Deno.test("arguments: read back as they were given", () => {
  const arg = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", ""));
  const args = fc.tuple(fc.array(arg), arg.filter((text) => text !== "")).map(([first, last]) => [...first, last]);
  fc.assert(fc.property(args, (given) => {
    deepStrictEqual(parseArgs(encode(given.join("\0") + "\0")), given);
  }));
});

Deno.test("names: a cut one is completed from the program or the script, any other stays", () => {
  strictEqual(processName("bash", "/bin/other", []), "bash");
  strictEqual(processName("gnome-session-b", "/usr/libexec/gnome-session-binary", []), "gnome-session-binary");
  strictEqual(
    processName("a-long-script-n", "/bin/bash", ["/bin/bash", "./a-long-script-name.sh"]),
    "a-long-script-name.sh",
  );
  strictEqual(processName("fifteen-letters", "/bin/bash", ["bash"]), "fifteen-letters");
  strictEqual(processName("", undefined, []), "");
});

Deno.test("executables: a deleted one is known by its path, a file of that very name is one", () => {
  deepStrictEqual(
    parseExecutable("/tmp/x", () => {
      throw new Error("asked about an ordinary path");
    }),
    { path: "/tmp/x", deleted: false },
  );
  deepStrictEqual(parseExecutable("/tmp/x (deleted)", () => false), { path: "/tmp/x", deleted: true });
  deepStrictEqual(parseExecutable("/tmp/x (deleted)", () => true), { path: "/tmp/x (deleted)", deleted: false });
});

Deno.test("loadavg: counters, or nothing", () => {
  deepStrictEqual(parseLoadavg("0.10 0.20 0.30 1/92 15503\n"), { tasks: 92, lastPid: 15_503 });
  for (const text of [undefined, "", "0.10 0.20 0.30", "0.1 0.2 0.3 1 5"]) strictEqual(parseLoadavg(text), undefined);
});

Deno.test("auxiliary vector: page and tick, or the usual", () => {
  const vector = new BigUint64Array([6n, 16_384n, 17n, 250n, 0n, 0n]);
  deepStrictEqual(parseAuxiliary(new Uint8Array(vector.buffer)), { pageBytes: 16_384, ticksPerSecond: 250 });
  deepStrictEqual(parseAuxiliary(undefined), { pageBytes: 4_096, ticksPerSecond: 100 });
  deepStrictEqual(parseAuxiliary(new Uint8Array(7)), { pageBytes: 4_096, ticksPerSecond: 100 });
});

Deno.test("passwd: the first line of an id counts, malformed lines do not", () => {
  const names = parsePasswd("root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n# note\n:x:5:\nbad:x:-1:\nweb:x:33:33\n");
  deepStrictEqual([...names], [["0", "root"], ["33", "web"]]);
});
