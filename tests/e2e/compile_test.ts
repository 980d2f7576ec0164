/** What `deno task compile` puts into the program: every shipped rule and profile, whole. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Everything that must be in the program besides code. A new rule or profile is added here. */
const EMBEDDED = [
  "profiles/full.yaml",
  "profiles/light.yaml",
  "profiles/minimal.yaml",
  "profiles/network.yaml",
  "profiles/performance.yaml",
  "profiles/standard.yaml",
  "rules/account/account-created.yaml",
  "rules/account/account-file-changed-by-hand.yaml",
  "rules/account/account-file-changed.yaml",
  "rules/account/group-created.yaml",
  "rules/account/second-root-account.yaml",
  "rules/account/user-added-to-admin-group.yaml",
  "rules/authentication/one-address-many-users.yaml",
  "rules/authentication/one-user-many-addresses.yaml",
  "rules/authentication/root-login-with-password.yaml",
  "rules/authentication/ssh-brute-force-then-login.yaml",
  "rules/authentication/ssh-brute-force.yaml",
  "rules/authentication/su-failures.yaml",
  "rules/authentication/su-to-root.yaml",
  "rules/authentication/sudo-failures.yaml",
  "rules/authentication/sudo-not-allowed.yaml",
  "rules/authentication/web-login-brute-force.yaml",
  "rules/command/audit-disabled.yaml",
  "rules/command/credential-file-read.yaml",
  "rules/command/download-and-run.yaml",
  "rules/command/encoded-command.yaml",
  "rules/command/firewall-disabled.yaml",
  "rules/command/history-cleared.yaml",
  "rules/command/kernel-module-from-temporary-folder.yaml",
  "rules/command/log-clearing-command.yaml",
  "rules/command/protection-stopped.yaml",
  "rules/command/reverse-shell-command.yaml",
  "rules/command/sudo-shell-escape.yaml",
  "rules/correlation/high-cpu-and-suspicious-process.yaml",
  "rules/correlation/memory-spike-and-new-process.yaml",
  "rules/correlation/network-spike-and-many-connections.yaml",
  "rules/file/authentication-configuration-changed.yaml",
  "rules/file/authorized-keys-changed.yaml",
  "rules/file/preload-changed.yaml",
  "rules/file/program-changed-without-package-manager.yaml",
  "rules/file/scheduled-task-changed.yaml",
  "rules/file/setuid-bit-set.yaml",
  "rules/file/startup-script-changed.yaml",
  "rules/file/sudoers-changed.yaml",
  "rules/file/systemd-unit-changed.yaml",
  "rules/file/web-shell-written.yaml",
  "rules/host/disk-filling.yaml",
  "rules/host/disk-nearly-full.yaml",
  "rules/host/memory-exhaustion.yaml",
  "rules/host/memory-leak.yaml",
  "rules/host/sustained-high-cpu.yaml",
  "rules/host/swap-exhaustion.yaml",
  "rules/host/zombie-pile-up.yaml",
  "rules/log/audit-daemon-stopped.yaml",
  "rules/log/error-burst.yaml",
  "rules/log/log-cleared.yaml",
  "rules/log/promiscuous-mode.yaml",
  "rules/log/repeated-crashes.yaml",
  "rules/log/service-failing.yaml",
  "rules/network/burst-of-destinations.yaml",
  "rules/network/first-seen-listening-port.yaml",
  "rules/network/interface-errors.yaml",
  "rules/network/network-spike.yaml",
  "rules/network/outbound-port-scan.yaml",
  "rules/network/unusual-outbound-traffic.yaml",
  "rules/process/deleted-executable-started.yaml",
  "rules/process/high-cpu-many-connections.yaml",
  "rules/process/memory-leak-process.yaml",
  "rules/process/new-process-holding-memory.yaml",
  "rules/process/new-user-running-processes.yaml",
  "rules/process/program-in-temporary-folder.yaml",
  "rules/process/rapid-process-spawning.yaml",
  "rules/process/reverse-shell.yaml",
  "rules/process/shell-of-a-network-service.yaml",
  "rules/process/suspicious-process-name.yaml",
  "rules/process/sustained-high-cpu-process.yaml",
  "rules/process/unknown-high-cpu-process.yaml",
  "rules/snmp/snmp-authentication-failures.yaml",
  "rules/snmp/snmp-device-restarted.yaml",
  "rules/snmp/snmp-device-unreachable.yaml",
  "rules/snmp/snmp-interface-down.yaml",
  "rules/snmp/snmp-interface-errors-rising.yaml",
  "rules/web/burst-of-server-errors.yaml",
  "rules/web/command-injection.yaml",
  "rules/web/cross-site-scripting.yaml",
  "rules/web/log4shell.yaml",
  "rules/web/path-traversal.yaml",
  "rules/web/script-uploaded.yaml",
  "rules/web/secret-file-served.yaml",
  "rules/web/sql-injection.yaml",
  "rules/web/web-scanner.yaml",
  "rules/web/web-scanning.yaml",
  "rules/weir/collector-silent.yaml",
  "rules/weir/host-silent.yaml",
];

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    if (isDirectory) yield* filesBelow(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

async function shipped(): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of ["rules", "profiles"]) for await (const path of filesBelow(folder)) paths.push(path);
  return paths.sort();
}

/** The compile task's own words, with another output. */
async function compileArguments(output: string): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(root + "deno.json"));
  const words: string[] = tasks.compile.command.split(" ");
  strictEqual(words.shift(), "deno");
  words[words.indexOf("--output") + 1] = output;
  return words;
}

Deno.test("the list of what is embedded is the list of what is shipped", async () => {
  deepStrictEqual(await shipped(), EMBEDDED);
});

Deno.test("compiled, the program holds every shipped rule and profile, and deno.json's V8 flags", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: await compileArguments(`${folder}/weir`),
      cwd: root,
      // The runtime that goes into the program is otherwise downloaded; this one is at hand and yields all but one that runs.
      env: { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stderr);
    strictEqual(code, 0, said);
    ok(said.includes("── rules/") && said.includes("── profiles/"), said);
    // What is embedded stands behind the runtime: only that is searched.
    const { size } = await Deno.stat(Deno.execPath());
    const program = Buffer.from((await Deno.readFile(`${folder}/weir`)).buffer).subarray(size);
    const missing: string[] = [];
    for (const path of EMBEDDED) {
      if (!program.includes(Buffer.from(await Deno.readFile(root + path)))) missing.push(path);
    }
    deepStrictEqual(missing, []);
    ok(program.includes("the journal is not open"), "the journal's other thread is not there");
    ok(program.includes("enable-experimental-regexp-engine-on-excessive-backtracks"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
