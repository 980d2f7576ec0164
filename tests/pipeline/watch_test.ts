/** Changes under watched paths, on a real file system. */
import { ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../src/core/clock.ts";
import { watchPaths } from "../../src/pipeline/watch.ts";
import { until } from "../e2e/weir.ts";

interface Watched {
  readonly folder: string;
  /** How often a change was told. */
  told(): number;
  readonly logged: readonly string[];
}

/** Watches paths below a new folder, lets a test change them, and stops. */
async function watching(
  paths: readonly string[],
  prepare: (folder: string) => Promise<void>,
  work: (watched: Watched) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const stop = new AbortController();
  const logged: string[] = [];
  let count = 0;
  await prepare(folder);
  const done = watchPaths({
    paths: paths.map((path) => `${folder}/${path}`),
    clock: systemClock,
    log: (_level, _about, message) => logged.push(message),
    onChange: () => Promise.resolve(void count++),
  }, stop.signal);
  try {
    await work({ folder, told: () => count, logged });
  } finally {
    const startedMs = performance.now();
    stop.abort();
    await done;
    ok(performance.now() - startedMs < 500, "It must stop at once");
    await Deno.remove(folder, { recursive: true });
  }
}

const rules = (folder: string) => Deno.mkdir(`${folder}/rules`);

/** Waits until more changes were told than before. */
async function toldOf({ told }: Watched, change: () => Promise<void>, withinMs = 2_000): Promise<void> {
  const before = told();
  await change();
  await until(() => told() > before, withinMs);
}

Deno.test("what changed before the watch began is told once it has", () =>
  watching(["rules"], rules, ({ told }) => until(() => told() === 1, 2_000)));

Deno.test("files written, replaced, removed, and in new folders", () =>
  watching(["rules"], rules, async (watched) => {
    const { folder, told } = watched;
    await until(() => told() === 1, 2_000);
    await toldOf(watched, () => Deno.writeTextFile(`${folder}/rules/a.yaml`, "a"));
    await Deno.writeTextFile(`${folder}/b.yaml`, "b");
    await toldOf(watched, () => Deno.rename(`${folder}/b.yaml`, `${folder}/rules/a.yaml`));
    await toldOf(watched, () => Deno.mkdir(`${folder}/rules/more`));
    await toldOf(watched, () => Deno.writeTextFile(`${folder}/rules/more/c.yaml`, "c"));
    await toldOf(watched, () => Deno.remove(`${folder}/rules/a.yaml`));
  }));

Deno.test("a burst of changes is told as few", () =>
  watching(["rules"], rules, async (watched) => {
    const { folder, told } = watched;
    await until(() => told() === 1, 2_000);
    await toldOf(watched, async () => {
      for (let i = 0; i < 500; i++) await Deno.writeTextFile(`${folder}/rules/${i}.yaml`, "x");
    }, 4_000);
    ok(told() <= 5, `told ${told()} times`);
  }));

Deno.test("of a file only the file itself, also when another is put in its place", () =>
  watching(["weir.yaml"], (folder) => Deno.writeTextFile(`${folder}/weir.yaml`, "a"), async (watched) => {
    const { folder, told } = watched;
    await until(() => told() === 1, 2_000);
    await Deno.writeTextFile(`${folder}/other.yaml`, "b");
    await toldOf(watched, () => Deno.rename(`${folder}/other.yaml`, `${folder}/weir.yaml`));
    strictEqual(told(), 2);
    await toldOf(watched, () => Deno.writeTextFile(`${folder}/weir.yaml`, "c"));
  }));

Deno.test("a folder that is not there is looked at every two seconds, said once, and watched when it has come", () =>
  watching(["rules"], () => Promise.resolve(), async (watched) => {
    const { folder, told, logged } = watched;
    await until(() => told() >= 1, 3_000);
    await rules(folder);
    await toldOf(watched, () => Promise.resolve(), 3_000);
    await toldOf(watched, () => Deno.writeTextFile(`${folder}/rules/a.yaml`, "a"));
    await Deno.remove(`${folder}/rules`, { recursive: true });
    await rules(folder);
    await toldOf(watched, () => Deno.writeTextFile(`${folder}/rules/b.yaml`, "b"), 4_000);
    strictEqual(logged.length, 1);
    ok(logged[0]?.includes("looking every 2000 ms"), logged[0]);
  }));

Deno.test("nothing to watch: it waits until it is stopped", () =>
  watching([], () => Promise.resolve(), ({ told }) => Promise.resolve(strictEqual(told(), 0))));
