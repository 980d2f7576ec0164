/** Copies that are among the files looked for: as they are made, and made in the place of older ones. */
import { deepStrictEqual } from "node:assert/strict";
import { append, inFolder, Tailing } from "./tailing.ts";

const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `a line of its own, number ${from + i}, of a log that is copied`);

const textOf = (of: readonly string[]) => of.map((line) => `${line}\n`).join("");

/** Waits until everything that is in the folder by now has been looked at: a new file is, which is found by the same look. */
async function looked(tail: Tailing, folder: string, name: string): Promise<void> {
  append(`${folder}/${name}`, `${name} was looked at\n`);
  await tail.until(() => tail.lines.includes(`${name} was looked at`), `a look at ${name}`);
}

Deno.test("a copy that is looked at while it is being made is a copy", () =>
  inFolder(async (folder) => {
    const path = `${folder}/app.log`;
    const written = lines(0, 2_000);
    append(path, textOf(written));
    const tail = new Tailing({ paths: [`${folder}/*`], read_from: "start" });
    await tail.untilLines(2_000);
    const bytes = await Deno.readFile(path);
    for (const [i, part] of [bytes.subarray(0, 500), bytes.subarray(500, 90_000), bytes.subarray(90_000)].entries()) {
      await Deno.writeFile(`${path}.1`, part, { append: true });
      await looked(tail, folder, `part-${i}`);
    }
    await Deno.truncate(path);
    append(path, textOf(lines(2_000, 10)));
    const all = [...written, ...lines(2_000, 10)];
    await tail.until(() => tail.lines.includes(all.at(-1) ?? ""), "the lines after it");
    await looked(tail, folder, "end");
    await tail.stop();
    deepStrictEqual(tail.lines.filter((line) => line.startsWith("a line")).sort(), all.sort());
  }));

Deno.test("a copy that is made over an older one is a copy, and nothing was cut", () =>
  inFolder(async (folder) => {
    const path = `${folder}/app.log`;
    const written: string[] = [];
    const tail = new Tailing({ paths: [`${folder}/*`], read_from: "start" });
    for (let round = 0; round < 6; round++) {
      const more = lines(written.length, 20);
      written.push(...more);
      append(path, textOf(more));
      await tail.until(() => tail.lines.includes(more.at(-1) ?? ""), "the lines of a round");
      await Deno.copyFile(path, `${path}.1`); // over what is there
      await looked(tail, folder, `round-${round}`);
      await Deno.truncate(path);
    }
    await looked(tail, folder, "end");
    await tail.stop();
    deepStrictEqual(tail.lines.filter((line) => line.startsWith("a line")).sort(), written.sort());
    deepStrictEqual(tail.notices.filter((kind) => kind === "log.truncated"), []);
  }));
