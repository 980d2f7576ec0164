/** Guessed passwords that are simulated: through the host's own way of logging, to a score. */
import { ok, strictEqual } from "node:assert/strict";
import { missing } from "../peers.ts";
import { RunningWeir, until, weir } from "./weir.ts";

const skip = missing("rsyslogd", "logger");

const syslogConfig = (folder: string) => `
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${folder}/socket")
template(name="line" type="string" string="%timestamp% %hostname% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n")
action(type="omfile" file="${folder}/auth.log" template="line")
`;

Deno.test({
  name: `simulate brute-force makes this host and the address HIGH, by the rules as they are shipped${skip ?? ""}`,
  ignore: skip !== undefined,
  async fn() {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/syslog.conf`, syslogConfig(folder));
    await Deno.writeTextFile(`${folder}/auth.log`, "");
    await Deno.writeTextFile(
      `${folder}/weir.yaml`,
      `collectors: { logs: { paths: ["${folder}/auth.log"] }, files: { enabled: false } }\n`,
    );
    const running = await RunningWeir.start(folder, ["--config", `${folder}/weir.yaml`]);
    const syslog = new Deno.Command("rsyslogd", {
      args: ["-n", "-f", `${folder}/syslog.conf`, "-i", `${folder}/syslog.pid`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await until(() => exists(`${folder}/socket`), 15_000, () => "rsyslogd takes no messages");
      const isRead = async () => (await running.get("/api/v1/events?kind=log.watched&limit=1")).items.length > 0;
      await until(isRead, 15_000, () => running.said);
      const simulated = await weir(["simulate", "brute-force", "--socket", `${folder}/socket`]);
      strictEqual(simulated.code, 0, simulated.stderr);
      const scoreOf = async (type: string) => (await running.get(`/api/v1/scores?type=${type}`)).items[0];
      const isHigh = (score: { overall_score?: number } | undefined) => (score?.overall_score ?? 0) > 60;
      await until(async () => isHigh(await scoreOf("ip")) && isHigh(await scoreOf("host")), 30_000, () => running.said);
      const score = await scoreOf("ip");
      strictEqual(score.entity, "ip:203.0.113.99");
      const rules = score.contributions.map(({ rule }: { rule: string }) => rule).sort().join(" ");
      strictEqual(rules, "one-address-many-users ssh-brute-force");
    } finally {
      await running.end("SIGTERM");
      syslog.kill("SIGTERM");
      await syslog.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("simulate brute-force says why it cannot", async () => {
  const { code, stderr } = await weir(["simulate", "brute-force", "--socket", "/nowhere/at/all"]);
  strictEqual(code, 2);
  ok(stderr.includes("Cannot simulate guessed passwords as "), stderr);
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "simulate miner ends well where Ctrl-C has ended its child as well",
  ignore: Deno.build.os === "windows",
  async fn() {
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--no-prompt",
        new URL("../../main.ts", import.meta.url).pathname,
        "simulate",
        "miner",
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = command.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    const pid = Number(/process (\d+)/.exec(value)?.[1]);
    Deno.kill(pid, "SIGKILL");
    await until(() => Promise.resolve(isGone(pid)), 10_000, () => `process ${pid} is still there`);
    command.kill("SIGINT");
    const stderr = await new Response(command.stderr).text();
    await reader.cancel();
    strictEqual((await command.status).code, 0, stderr);
  },
});

function isGone(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return false;
  } catch {
    return true;
  }
}
