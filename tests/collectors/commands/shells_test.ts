/** bash, zsh and fish, each in a real terminal: what is typed arrives, and the shell is as it was. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { HOOK_SHELLS, type HookShell } from "../../../src/cli/hook_snippets.ts";
import { inFolder } from "../files/watching.ts";
import { collectCommands } from "./collecting.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";
import { missing } from "../../peers.ts";

/** How a shell says what the last status was. */
const STATUS: Readonly<Record<HookShell, string>> = { bash: "$?", zsh: "$?", fish: "$status" };

function test(
  shell: HookShell,
  name: string,
  run: (terminal: Terminal, home: string) => Promise<void>,
  options?: TerminalOptions,
) {
  const skip = missing("tmux", shell);
  Deno.test({
    name: `commands: ${shell}: ${name}${skip ? ` (${skip})` : ""}`,
    ignore: skip !== undefined,
    fn: () =>
      inFolder(async (home) => {
        const terminal = await Terminal.open(home, shell, options);
        try {
          await run(terminal, home);
        } finally {
          await terminal.close();
        }
      }),
  });
}

for (const shell of HOOK_SHELLS) {
  test(shell, "commands arrive: who, where, how they ended, how long they took", async (terminal, home) => {
    await Deno.mkdir(`${home}/below`);
    await terminal.type("sh -c 'exit 3'");
    await terminal.type(`echo ${STATUS[shell]} >status`);
    await terminal.type("cd below");
    await terminal.type("sleep 0.3; echo 'two  words'");
    await terminal.type("curl --version --user me:hunter2 >/dev/null 2>&1");
    await terminal.type("touch ../end");
    await terminal.fileIs("end");
    strictEqual((await terminal.fileIs("status", (text) => text !== "")).trim(), "3");
    const { events } = await collectCommands(home, { events: 7 });
    deepStrictEqual(
      events.map(({ fields }) => [
        fields["process.command_line"],
        fields["process.exit_code"] === 0,
        fields["process.working_directory"] === home ? "~" : "below",
      ]),
      [
        ["touch ready", true, "~"],
        ["sh -c 'exit 3'", false, "~"],
        [`echo ${STATUS[shell]} >status`, true, "~"],
        ["cd below", true, "~"],
        ["sleep 0.3; echo 'two  words'", true, "below"],
        ["curl --version --user me:*** >/dev/null 2>&1", events[5]?.fields["process.exit_code"] === 0, "below"],
        ["touch ../end", true, "below"],
      ],
    );
    const failed = events[1]?.fields ?? {};
    strictEqual(failed["process.exit_code"], 3);
    strictEqual(failed["event.outcome"], "failure");
    strictEqual(failed["process.name"], shell);
    strictEqual(failed["user.name"], "me");
    match(String(failed["process.tty"]), /^\/dev\/(pts\/|tty)/);
    const slept = events[4];
    ok(Number(slept?.fields["event.duration"]) >= 0.29e9, String(slept?.fields["event.duration"]));
    ok(Math.abs((slept?.timeMs ?? 0) - (slept?.observedMs ?? 0)) < 60_000);
  });

  test(shell, "any text arrives as it was typed", async (terminal, home) => {
    const texts = [`echo 'a\tb' "q\\"q" \\\\ '$HOME' %s %n`, "echo ünï ☃ '\\033[31m'", "true # \\n \\0 \\x00"];
    for (const text of texts) await terminal.paste([text]);
    await terminal.type("touch end");
    await terminal.fileIs("end");
    const { events } = await collectCommands(home, { events: texts.length + 2 });
    // A tab that is typed asks fish and zsh to complete; pasted, it does not in fish. What the shell took is what counts.
    const told = events.map(({ fields }) => String(fields["process.command_line"]));
    deepStrictEqual(told.slice(2, 4), texts.slice(1));
    ok(told[1]?.startsWith("echo 'a") && told[1].endsWith(`"q\\"q" \\\\ '$HOME' %s %n`), told[1]);
  });

  test(shell, "without a place to write to, the shell works and says nothing", async (terminal, home) => {
    await Deno.remove(`${home}/.local`, { recursive: true });
    await Deno.writeTextFile(`${home}/.local`, "in the way");
    await terminal.type("clear");
    await terminal.type("echo fine >fine");
    await terminal.fileIs("fine", (text) => text === "fine\n");
    await terminal.type("touch end");
    await terminal.fileIs("end");
    const screen = await terminal.screen();
    ok(!/weir|denied|not a directory|error/i.test(screen.replaceAll(home, "")), screen);
  });
}

test("bash", "what others have set stays in force", async (terminal, home) => {
  await terminal.type("sh -c 'exit 7'");
  await terminal.type('echo "$? $seen" >state');
  await terminal.type("trap -p DEBUG >trap; touch end");
  await terminal.fileIs("end");
  strictEqual(await terminal.fileIs("state", (text) => text !== ""), "7 7\n");
  match(await terminal.fileIs("trap"), /mine/);
  const { events } = await collectCommands(home, { events: 4 });
  strictEqual(events[1]?.fields["process.exit_code"], 7);
  strictEqual(events[0]?.fields["process.command_line"], "touch ready");
}, { startFile: "PROMPT_COMMAND='seen=$?'\ntrap 'mine=$BASH_COMMAND' DEBUG" });

test("bash", "prompt commands in a list, strict options, and a history that leaves out", async (terminal, home) => {
  await terminal.type("echo one last");
  await terminal.type("echo $_ >last");
  await terminal.type(" echo hidden   words");
  await terminal.type("echo twice");
  await terminal.type("echo twice");
  await terminal.type('echo "$seen" >seen; touch end');
  await terminal.fileIs("end");
  strictEqual(await terminal.fileIs("seen"), "0\n");
  strictEqual(await terminal.fileIs("last"), "last\n");
  const { events } = await collectCommands(home, { events: 7 });
  deepStrictEqual(events.map(({ fields }) => fields["process.command_line"]).slice(1, 6), [
    "echo one last",
    "echo $_ >last",
    "echo hidden words",
    "echo twice",
    "echo twice",
  ]);
  strictEqual(events[3]?.fields["process.command_line_cut"], true);
}, {
  startFile:
    "set -u\nshopt -s extdebug\nHISTCONTROL=ignoreboth\nHISTTIMEFORMAT='%F '\nPROMPT_COMMAND=('seen=$?' 'true')",
});

test("bash", "several lines are one command", async (terminal, home) => {
  await terminal.type("for i in 1 2; do");
  await terminal.type("echo $i");
  await terminal.type("done >looped");
  await terminal.type("touch end");
  await terminal.fileIs("end");
  const { events } = await collectCommands(home, { events: 3 });
  match(String(events[1]?.fields["process.command_line"]), /^for i in 1 2; do\s*echo \$i;?\s*done >looped$/);
});

test("zsh", "what others have set stays in force", async (terminal, home) => {
  await terminal.type("sh -c 'exit 7'");
  await terminal.type(" echo hidden");
  await terminal.type("echo $seen >seen; touch end");
  await terminal.fileIs("end");
  const { events } = await collectCommands(home, { events: 4 });
  strictEqual(
    await terminal.fileIs("seen"),
    " touch ready sh -c 'exit 7' 7  echo hidden echo $seen >seen; touch end\n",
  );
  strictEqual(events[2]?.fields["process.command_line"], " echo hidden");
}, {
  startFile:
    'setopt noclobber histignorespace ksharrays\nseen=\npreexec() { seen="$seen $1" }\nprecmd() { local s=$?; [[ $s = 0 ]] || seen="$seen $s" }',
});

test("fish", "what others have set stays in force", async (terminal, home) => {
  await terminal.type("sh -c 'exit 7'");
  await terminal.type("echo $seen >seen; touch end");
  await terminal.fileIs("end");
  strictEqual(await terminal.fileIs("seen", (text) => text !== ""), "0 7\n");
  const { events } = await collectCommands(home, { events: 3 });
  strictEqual(events[1]?.fields["process.exit_code"], 7);
}, { startFile: "function mine --on-event fish_postexec\n  set -g seen $seen $status\nend" });
