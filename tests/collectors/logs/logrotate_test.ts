/** Rotation as Debian's logrotate does it: by renaming, by copying and truncating, with dates, compressed. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { append, inFolder, Tailing } from "./tailing.ts";

const LOGROTATE = ["/usr/sbin/logrotate", "/sbin/logrotate"].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});
const required = Deno.env.get("WEIR_REQUIRE_PEERS") === "1";
const skip = LOGROTATE === undefined ? "logrotate is not installed" : undefined;

const WAYS: readonly (readonly [name: string, directives: string])[] = [
  ["renamed, a new file made", "create"],
  [
    "renamed, a new file made by the writer, the old one compressed a rotation later",
    "nocreate\n  compress\n  delaycompress",
  ],
  ["renamed with the date in its name", "create\n  dateext\n  dateformat -%s"],
  ["copied and truncated", "copytruncate"],
  [
    "copied and truncated, with the date before the extension",
    "copytruncate\n  dateext\n  extension .log\n  dateformat -%s",
  ],
];

for (const [name, directives] of WAYS) {
  Deno.test({
    name: `logrotate: ${name}, every line once${skip === undefined ? "" : ` (${skip})`}`,
    ignore: skip !== undefined && !required,
    fn: () => inFolder((folder) => rotateFour(folder, directives)),
  });
}

async function rotateFour(folder: string, directives: string): Promise<void> {
  const logs = `${folder}/logs`;
  await Deno.mkdir(logs, { mode: 0o700 });
  const path = `${logs}/app.log`;
  const config = `${folder}/rotate.conf`;
  await Deno.writeTextFile(config, `${path} {\n  rotate 20\n  missingok\n  ${directives}\n}\n`, { mode: 0o600 });
  const written: string[] = [];
  const write = (count: number) => {
    for (let n = 0; n < count; n++) {
      written.push(`a line of its own, number ${written.length}, of a log that logrotate rotates`);
    }
    append(path, written.slice(-count).map((line) => line + "\n").join(""));
  };
  write(10);
  // All there is in the folder is looked for, copies too, as a pattern such as nginx/* does.
  const tail = new Tailing({ paths: [`${logs}/*`], read_from: "start", rotated_wait: "2s" });
  try {
    await tail.untilLines(10);
    for (let round = 0; round < 4; round++) {
      write(50);
      await rotate(folder, config);
      write(50);
      await tail.untilLines(written.length);
      // Names made of the second are of another one in the next round.
      if (directives.includes("%s")) await new Promise((resolve) => setTimeout(resolve, 1_100));
    }
    await tail.until(() => tail.notices.filter((kind) => kind === "log.rotated").length >= 4, "four rotations");
  } finally {
    await tail.stop();
  }
  deepStrictEqual([...tail.lines].sort(), [...written].sort());
  strictEqual(tail.notices.filter((kind) => kind === "log.truncated").length, 0);
}

async function rotate(folder: string, config: string): Promise<void> {
  const args = ["--force", "--state", `${folder}/state`, config];
  const { success, stderr } = await new Deno.Command(LOGROTATE ?? "logrotate", { args }).output();
  ok(success, new TextDecoder().decode(stderr));
}
