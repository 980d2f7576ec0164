/** The process collector on this very host: real children, a real listener, a real connection. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { processCollector } from "../../../src/collectors/process/mod.ts";
import { openProc } from "../../../src/collectors/process/proc_source.ts";
import { programSkip, running, testContext } from "./support.ts";

const skip = Deno.build.os === "linux" ? programSkip("sleep") : "needs Linux's /proc";

function test(name: string, run: () => Promise<void>): void {
  Deno.test({ name: `process collector: ${name}${skip ? ` (${skip})` : ""}`, ignore: skip !== undefined, fn: run });
}

/** Starts a program that says nothing; it ends with the test. */
function spawn(program: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
}

test("a child that starts and ends, with its arguments, its parent and how long it ran", async () => {
  const weir = running();
  try {
    await weir.event("process.running", ({ kind }) => kind === "process.running");
    const child = spawn("sleep", "0.3");
    const isChild = (kind: string) => (event: { kind: string; fields: Record<string, unknown> }) =>
      event.kind === kind && event.fields["process.pid"] === child.pid;
    const start = await weir.event("start", isChild("process.start"));
    const end = await weir.event("end", isChild("process.end"));
    await child.status;
    deepStrictEqual((start.fields["process.args"] as string[]).slice(1), ["0.3"]);
    strictEqual(start.fields["process.name"], "sleep");
    strictEqual(start.fields["process.parent.pid"], Deno.pid);
    ok(String(start.fields["process.executable"]).startsWith("/"));
    for (const measure of ["memory.resident.bytes", "memory.virtual.bytes", "threads.count", "open_files.count"]) {
      ok(Number(start.fields[`process.${measure}`]) > 0, measure);
    }
    ok(start.timeMs <= start.observedMs);
    strictEqual(end.fields["process.entity_id"], start.fields["process.entity_id"]);
    const ranMs = Number(end.fields["event.duration"]) / 1e6;
    ok(ranMs >= 290 && ranMs < 5_000, `ran ${ranMs} ms`);
  } finally {
    await weir.stop();
  }
});

test("a shell that turns into another program is told as an exec", async () => {
  const weir = running();
  const child = spawn("sh", "-c", "sleep 0.3; exec sleep 30");
  try {
    const exec = await weir.event(
      "exec",
      ({ kind, fields }) => kind === "process.exec" && fields["process.pid"] === child.pid,
    );
    strictEqual(exec.fields["process.command_line"], "sleep 30");
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await weir.stop();
  }
});

test("a busy child is among the stats, with its share of a core", async () => {
  const weir = running({ stats_interval: "1s" });
  const child = spawn("sh", "-c", "while :; do :; done");
  try {
    const busy = await weir.event(
      "busy process",
      ({ kind, fields }) =>
        kind === "process.stats" && fields["process.pid"] === child.pid && Number(fields["process.cpu.percent"]) > 10,
    );
    ok(Number(busy.fields["process.cpu.percent"]) <= 110, "one thread uses one core at most");
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await weir.stop();
  }
});

test("a listener and both ends of a connection, with who holds them", async () => {
  const weir = running({ connections_interval: "100ms" });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const server = await listener.accept();
  try {
    const listening = await weir.event(
      "listener",
      ({ kind, fields }) => kind === "network.listening" && fields["source.port"] === port,
    );
    const ingress = await weir.event(
      "server's end",
      ({ kind, fields }) => kind === "network.connection" && fields["source.port"] === port,
    );
    const egress = await weir.event(
      "client's end",
      ({ kind, fields }) => kind === "network.connection" && fields["destination.port"] === port,
    );
    deepStrictEqual(
      [listening, ingress, egress].map(({ fields }) => fields["process.pid"]),
      [Deno.pid, Deno.pid, Deno.pid],
    );
    strictEqual(ingress.fields["network.direction"], "ingress");
    strictEqual(egress.fields["network.direction"], "egress");
    strictEqual(ingress.fields["network.state"], "established");
  } finally {
    client.close();
    server.close();
    listener.close();
    await weir.stop();
  }
});

Deno.test("process collector: where there is no /proc, `source: proc` says so", async () => {
  const empty = await Deno.makeTempDir();
  try {
    await rejects(
      () => Promise.resolve().then(() => openProc({ ...testContext(), root: empty })),
      { message: `Cannot read processes as ${empty} must be a proc file system: there is no boot id in it` },
    );
  } finally {
    await Deno.remove(empty);
  }
});

Deno.test("process collector: defaults are the sample, and limits are held", async () => {
  const { parse } = await import("yaml");
  const sample = parse(await Deno.readTextFile("src/collectors/process/sample.yaml")).collectors.process;
  const { schema } = processCollector;
  deepStrictEqual(schema.parse(sample), schema.parse({}));
  deepStrictEqual(Object.keys(sample), Object.keys(schema.shape));
  for (const wrong of [{ interval: "9ms" }, { interval: 50 }, { top_cpu: -1 }, { source: "ps" }, { intervall: "1s" }]) {
    ok(!schema.safeParse(wrong).success, JSON.stringify(wrong));
  }
});
