import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { StagedState } from "../../../src/core/state_store.ts";
import { COMMAND_LINE_BYTES_MAX } from "../../../src/collectors/process/proc_source.ts";
import { HOLD_MS, NEW_PER_LOOK_MAX } from "../../../src/collectors/process/tracker.ts";
import { ago, NOW_MS, onHost, told } from "./fake_host.ts";

Deno.test("tracker: what is there runs, what comes starts, what goes ends with how long it ran", () =>
  onHost(async ({ proc, look }) => {
    proc.process(1, { comm: "init", start: 1 });
    deepStrictEqual(told(await look()), ["process.running 1 init"]);
    deepStrictEqual(await look(), []);
    proc.process(50, { comm: "sleep", parent: 1, start: ago(-0.1), cmdline: "sleep\x0030\0" });
    const [start] = await look();
    ok(start !== undefined);
    strictEqual(start.kind, "process.start");
    strictEqual(start.timeMs, NOW_MS + 90, "by its start, 10 ms early for the rounding of the uptime");
    strictEqual(start.observedMs, NOW_MS + 150);
    deepStrictEqual(start.fields["process.args"], ["sleep", "30"]);
    strictEqual(start.fields["process.command_line"], "sleep 30");
    strictEqual(start.fields["process.parent.name"], "init");
    strictEqual(start.fields["process.parent.executable"], "/usr/bin/init");
    strictEqual(start.fields["user.name"], Deno.uid() === 0 ? "root" : start.fields["user.name"]);
    proc.gone(50);
    const [end] = await look(1_000);
    strictEqual(end?.kind, "process.end");
    strictEqual(end?.timeMs, NOW_MS + 1_150);
    strictEqual(end?.fields["event.duration"], 1_060 * 1e6);
    strictEqual(end?.fields["process.command_line"], "sleep 30");
  }));

Deno.test("tracker: ids say which process, and are the same after a restart", () => {
  const state = new StagedState("process");
  const seen: string[] = [];
  const look = () =>
    onHost(async ({ proc, look }) => {
      proc.process(7, { comm: "daemon", start: 4_200 });
      const [event] = await look();
      match(event?.id ?? "", /^process:[0-9a-f]{12}:000000004200:0000007:running$/);
      seen.push(`${event?.id} ${event?.fields["process.start"]}`);
    }, { state });
  return look().then(look).then(() => strictEqual(seen[0], seen[1]));
});

Deno.test("tracker: hostile names and command lines come through as they are", () =>
  onHost(async ({ proc, look }) => {
    proc.process(1, {
      comm: "x) S 1 (y\n",
      exe: "/tmp/evil name (deleted)",
      cmdline: new Uint8Array([0xff, 0, 0, 0x61, 0]),
    });
    proc.process(2, { comm: "kthreadd", isKernelThread: true, exe: null, cmdline: "" });
    proc.process(3, { comm: "long", cmdline: "a".repeat(COMMAND_LINE_BYTES_MAX + 5) + "\0" });
    const fields = (await look()).map(({ fields }) => fields);
    const [evil, kernel, long] = [1, 2, 3].map((pid) => fields.find((of) => of["process.pid"] === pid));
    strictEqual(evil?.["process.name"], "x) S 1 (y\n");
    strictEqual(evil?.["process.executable"], "/tmp/evil name");
    strictEqual(evil?.["process.executable_deleted"], true);
    deepStrictEqual(evil?.["process.args"], ["\ufffd", "", "a"]);
    for (const absent of ["args", "command_line", "executable", "memory.resident.bytes", "memory.percent"]) {
      ok(!(`process.${absent}` in (kernel ?? {})), absent);
    }
    strictEqual(long?.["process.command_line_cut"], true);
    strictEqual(String(long?.["process.command_line"]).length, COMMAND_LINE_BYTES_MAX);
    ok(!("process.args_count" in (long ?? {})));
  }));

Deno.test("tracker: a parent is known to its child whatever the order of their pids", () =>
  onHost(async ({ proc, look }) => {
    for (const [pid, parent] of [[9, 0], [3, 9], [40, 3], [2, 40]]) {
      proc.process(pid ?? 0, { comm: `p${pid}`, parent: parent ?? 0, start: ago(60) });
    }
    const events = await look();
    const parents = events.map(({ fields }) => `${fields["process.name"]} ${fields["process.parent.name"] ?? "-"}`);
    deepStrictEqual(parents.sort(), ["p2 p40", "p3 p9", "p40 p3", "p9 -"]);
  }));

Deno.test("tracker: a pid used again between two looks is another process", () =>
  onHost(async ({ proc, look }) => {
    proc.process(100, { comm: "old", start: ago(60) });
    proc.process(101, { comm: "other", start: ago(60) });
    await look();
    proc.process(100, { comm: "new", start: ago(-0.05) });
    proc.counters(100, 90); // the counter has gone round
    deepStrictEqual(told(await look()), ["process.end 100 old", "process.start 100 new"]);
    deepStrictEqual(await look(2_000), []);
  }, { before: (proc) => proc.counters(500, 90) }));

Deno.test("tracker: without counters a pid used again is found when all are looked at", () =>
  onHost(async ({ proc, look, round }) => {
    proc.process(100, { comm: "old", start: ago(60) });
    await look();
    proc.process(100, { comm: "new", start: ago(-1) });
    deepStrictEqual(await look(2_000), []);
    strictEqual(told(await round())[0], "process.end 100 old");
    deepStrictEqual(told(await look()), ["process.start 100 new"]);
  }));

Deno.test("tracker: while the counters stand still the folder is not read, but for once a second", () =>
  onHost(async ({ proc, look }) => {
    proc.process(1, { comm: "init" });
    await look();
    proc.process(501, { comm: "unseen", start: ago(-0.1) });
    deepStrictEqual(await look(), []);
    deepStrictEqual(told(await look(1_000)), ["process.start 501 unseen"]);
    proc.process(502, { comm: "seen", start: ago(-1.2) });
    proc.counters(502, 91);
    deepStrictEqual(told(await look()), ["process.start 502 seen"]);
  }, { before: (proc) => proc.counters(500, 90) }));

Deno.test("tracker: a start between fork and exec waits for the exec", () =>
  onHost(async ({ proc, look }) => {
    const shell = { comm: "bash", stack: 4_096 };
    proc.process(10, { ...shell, start: ago(60) });
    await look();
    proc.process(11, { ...shell, parent: 10, start: ago(-0.05) });
    deepStrictEqual(await look(), []);
    proc.process(11, { comm: "xmrig", parent: 10, start: ago(-0.05), stack: 8_192 });
    deepStrictEqual(told(await look()), ["process.start 11 xmrig"]);
    deepStrictEqual(await look(), []);
  }));

Deno.test("tracker: a start that is held back is told when no exec comes, and when it ends before", () =>
  onHost(async ({ proc, look }) => {
    const shell = { comm: "bash", stack: 4_096 };
    proc.process(10, { ...shell, start: ago(60) });
    await look();
    proc.process(11, { ...shell, parent: 10, start: ago(-0.05) });
    proc.process(12, { ...shell, parent: 10, start: ago(-0.05) });
    deepStrictEqual(await look(), []);
    proc.gone(12);
    deepStrictEqual(told(await look()), ["process.start 12 bash", "process.end 12 bash"]);
    deepStrictEqual(told(await look(HOLD_MS)), ["process.start 11 bash"]);
  }));

Deno.test("tracker: a process caught within an exec, its arguments not there yet, is read again", () =>
  onHost(async ({ proc, look }) => {
    proc.process(1, { comm: "init", start: 1 });
    await look();
    proc.process(20, { comm: "sleep", parent: 1, start: ago(-0.1), cmdline: "" });
    deepStrictEqual(await look(), []);
    proc.process(20, { comm: "sleep", parent: 1, start: ago(-0.1) });
    const [start] = await look();
    deepStrictEqual([start?.kind, start?.fields["process.command_line"]], ["process.start", "sleep"]);
    proc.process(20, { comm: "xmrig", parent: 1, start: ago(-0.1), stack: 9, cmdline: "" });
    deepStrictEqual(await look(), []);
    proc.process(20, { comm: "xmrig", parent: 1, start: ago(-0.1), stack: 9 });
    const [exec] = await look();
    deepStrictEqual([exec?.kind, exec?.fields["process.command_line"]], ["process.exec", "xmrig"]);
    deepStrictEqual(await look(), []);
  }));

Deno.test("tracker: a program that has cleared its arguments itself is told without them, once", () =>
  onHost(async ({ proc, look }) => {
    proc.process(1, { comm: "init", start: 1, cmdline: "" });
    deepStrictEqual(told(await look()), ["process.running 1 init"]);
    proc.process(20, { comm: "bare", parent: 1, start: ago(-0.1), cmdline: "" });
    const events = [...await look(), ...await look(), ...await look(), ...await look()];
    deepStrictEqual(told(events), ["process.start 20 bare"]);
    ok(!("process.args" in (events[0]?.fields ?? {})));
  }));

Deno.test("tracker: a process that is ending has not called exec", () =>
  onHost(async ({ proc, look }) => {
    proc.process(1, { comm: "init", start: 1 });
    await look();
    proc.process(20, { comm: "sleep", parent: 1, start: ago(-0.1) });
    await look();
    // As a thread of the kernel: it has given up its memory, program and arguments.
    proc.process(20, { comm: "sleep", parent: 1, start: ago(-0.1), isKernelThread: true, exe: null, cmdline: "" });
    deepStrictEqual(await look(), []);
    proc.gone(20);
    deepStrictEqual(told(await look()), ["process.end 20 sleep"]);
  }));

Deno.test("tracker: an exec is told at once of a young process, of an older one when all are looked at", () =>
  onHost(async ({ proc, look, round }) => {
    proc.process(1, { comm: "init", start: 1 });
    await look();
    proc.process(20, { comm: "sh", parent: 1, start: ago(-0.1), stack: 1 });
    deepStrictEqual(told(await look()), ["process.start 20 sh"]);
    proc.process(20, { comm: "curl", parent: 1, start: ago(-0.1), stack: 2 });
    const [exec] = await look();
    deepStrictEqual(told(exec === undefined ? [] : [exec]), ["process.exec 20 curl"]);
    strictEqual(exec?.fields["process.parent.name"], "init");
    await look(2_000);
    await look();
    proc.process(20, { comm: "xmrig", parent: 1, start: ago(-0.1), stack: 3 });
    deepStrictEqual(await look(), []);
    const later = await round();
    strictEqual(told(later)[0], "process.exec 20 xmrig");
    ok(later[0]?.id !== exec?.id);
  }));

Deno.test("tracker: a thread of the kernel that changes its name has not called exec", () =>
  onHost(async ({ proc, look, round }) => {
    proc.process(2, { comm: "kthreadd", isKernelThread: true, exe: null, cmdline: "" });
    await look();
    proc.process(30, {
      comm: "kworker/0:1",
      parent: 2,
      isKernelThread: true,
      exe: null,
      cmdline: "",
      start: ago(-0.05),
    });
    deepStrictEqual(told(await look()), ["process.start 30 kworker/0:1"]);
    proc.process(30, {
      comm: "kworker/0:1-rcu",
      parent: 2,
      isKernelThread: true,
      exe: null,
      cmdline: "",
      start: ago(-0.05),
    });
    deepStrictEqual(await look(), []);
    deepStrictEqual(told(await round()).filter((text) => text.startsWith("process.exec")), []);
  }));

Deno.test("tracker: a zombie has ended, once; one that was there before us has no end", () =>
  onHost(async ({ proc, look, round }) => {
    proc.process(5, { comm: "old", state: "Z", start: ago(60) });
    proc.process(6, { comm: "live", start: ago(60) });
    deepStrictEqual(told(await look()).sort(), ["process.running 5 old", "process.running 6 live"]);
    await look(2_000);
    proc.process(6, { comm: "live", state: "Z", start: ago(60) });
    const events = await round();
    deepStrictEqual(told(events), ["process.end 6 live", "host.processes"]);
    strictEqual(events.at(-1)?.fields["system.processes.zombie"], 2);
    proc.gone(5);
    proc.gone(6);
    deepStrictEqual(await look(), []);
  }));

Deno.test("tracker: a leader that has ended while its threads run on has not", () =>
  onHost(async ({ proc, look, round }) => {
    proc.process(6, { comm: "live", start: ago(60), threads: 3 });
    await look();
    proc.process(6, { comm: "live", start: ago(60), threads: 3, state: "Z" });
    deepStrictEqual(told(await round()).filter((text) => text.startsWith("process.end")), []);
  }));

Deno.test("tracker: what one look has no time for waits for the next, and what ends before that is counted", () =>
  onHost(async ({ proc, look, tracker, losses }) => {
    for (let pid = 1; pid <= NEW_PER_LOOK_MAX + 3; pid++) proc.process(pid, { start: ago(60) });
    strictEqual((await look()).length, NEW_PER_LOOK_MAX);
    ok(tracker.isUndecided);
    const [waiting] = [...Deno.readDirSync(proc.root)].map(({ name }) => Number(name))
      .filter((pid) => pid > 0 && tracker.identity(pid) === undefined);
    proc.gone(waiting ?? 0);
    const second = await look();
    deepStrictEqual([second.length, second[0]?.kind, second[1]?.kind], [2, "process.running", "process.running"]);
    ok(!tracker.isUndecided);
    deepStrictEqual([...losses], [["ended_unread", 1]]);
  }));

Deno.test("tracker: what ends between listing and reading is counted once, what is hidden is not", () =>
  onHost(async ({ proc, look, round, losses }) => {
    proc.process(1, { comm: "init", start: 1 });
    await look();
    proc.write("60/stat", "");
    proc.write("61/stat", "");
    deepStrictEqual(await look(), []);
    proc.gone(60);
    for (let i = 0; i < 5; i++) deepStrictEqual(await look(), []);
    deepStrictEqual([...losses], [["ended_unread", 1]]);
    proc.process(61, { comm: "shown", start: ago(-0.2) });
    deepStrictEqual(await look(), []);
    await round();
    deepStrictEqual(told(await look()), ["process.start 61 shown"]);
  }));
