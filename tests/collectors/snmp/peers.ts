/** Real agents to ask: Net-SNMP's snmpd, and snmpsimd with its recordings, each on a free port of the loopback. */

import { createSocket } from "node:dgram";
import { systemClock } from "../../../src/core/clock.ts";
import { findProgram } from "../../peers.ts";

/** An agent that runs, and how to end it. */
export interface Peer {
  readonly port: number;
  stop(): Promise<void>;
}

/** A UDP port of the loopback that nobody has. */
export async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** The community, and the users and their passwords, that {@linkcode startSnmpd} knows. */
export const COMMUNITY = "public";
export const AUTH_PASSWORD = "authpass1234";
export const PRIV_PASSWORD = "privpass1234";

const USERS = [
  ["roauth", "SHA", undefined],
  ["romd5", "MD5", undefined],
  ["ro512", "SHA-512", undefined],
  ["rodes", "MD5", "DES"],
  ["ropriv", "SHA", "AES"],
  ["ro256", "SHA-256", "AES-256"],
] as const;

/** Starts snmpd. `extra`: further lines of its configuration. `port`: one that an agent had before. */
export function startSnmpd(extra: readonly string[] = [], port?: number): Promise<Peer> {
  return port === undefined ? onFreePort((free) => snmpdOn(free, extra)) : snmpdOn(port, extra);
}

/** A port can be taken by another between being found free and being used: then with another, a few times. */
async function onFreePort(start: (port: number) => Promise<Peer>): Promise<Peer> {
  for (let tries = 1;; tries++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (tries === PORT_TRIES) throw error;
    }
  }
}

const PORT_TRIES = 3;

async function snmpdOn(port: number, extra: readonly string[]): Promise<Peer> {
  const folder = await Deno.makeTempDir({ prefix: "snmpd" });
  const lines = [
    `agentaddress udp:127.0.0.1:${port}`,
    `rocommunity ${COMMUNITY} 127.0.0.1`,
    "sysLocation the cellar",
    "sysContact ops@example.org",
    "sysName lab-router",
    "includeAllDisks 10%",
    "load 12 10 5",
    ...USERS.flatMap(([name, auth, priv]) => [
      `createUser ${name} ${auth} ${AUTH_PASSWORD}${priv === undefined ? "" : ` ${priv} ${PRIV_PASSWORD}`}`,
      `rouser ${name} ${priv === undefined ? "auth" : "priv"}`,
    ]),
    ...extra,
  ];
  await Deno.writeTextFile(`${folder}/snmpd.conf`, lines.join("\n") + "\n");
  const child = new Deno.Command(findProgram("snmpd") ?? "snmpd", {
    args: ["-f", "-C", "-c", `${folder}/snmpd.conf`, "-I", "-smux", "-Lf", `${folder}/log`],
    env: { SNMP_PERSISTENT_DIR: folder, MIBS: "" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return await answering(child, stoppable(child, folder, port), COMMUNITY);
}

/** Starts snmpsimd over a folder of recordings, each known by the community that is its file's name. */
export function startSnmpsimd(recordings: string, community: string): Promise<Peer> {
  return onFreePort((port) => snmpsimdOn(port, recordings, community));
}

async function snmpsimdOn(port: number, recordings: string, community: string): Promise<Peer> {
  const folder = await Deno.makeTempDir({ prefix: "snmpsim" });
  // It gives up its rights, and must be able to write its index all the same.
  await Deno.chmod(folder, 0o777);
  const child = new Deno.Command(findProgram("snmpsimd") ?? "snmpsimd", {
    args: [
      `--data-dir=${recordings}`,
      `--cache-dir=${folder}`,
      `--agent-udpv4-endpoint=127.0.0.1:${port}`,
      "--process-user=nobody",
      "--process-group=nogroup",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return await answering(child, stoppable(child, folder, port), community);
}

function stoppable(child: Deno.ChildProcess, folder: string, port: number): Peer {
  return {
    port,
    async stop() {
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended by itself
      }
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Longest time until an agent answers, on a machine that does much else: milliseconds. */
const ANSWERS_WITHIN_MS = 60_000;

/** Waits until an agent answers; one that has ended by itself will not. */
async function answering(child: Deno.ChildProcess, peer: Peer, community: string): Promise<Peer> {
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  const untilMs = systemClock.now() + ANSWERS_WITHIN_MS;
  while (systemClock.now() < untilMs && !hasEnded) {
    const { code } = await new Deno.Command("snmpget", {
      args: ["-v2c", "-c", community, "-t", "0.5", "-r", "0", `127.0.0.1:${peer.port}`, "1.3.6.1.2.1.1.3.0"],
      stdout: "null",
      stderr: "null",
    }).output();
    if (code === 0) return peer;
    await systemClock.sleep(50);
  }
  await peer.stop();
  throw new Error(`Cannot test as the agent ${hasEnded ? "ended" : `did not answer within ${ANSWERS_WITHIN_MS} ms`}`);
}

/** What `snmpget` or `snmpwalk` prints, a line a value: `.1.3.6.1.2.1.1.5.0 = "lab-router"`. */
export async function netSnmpCommand(
  program: "snmpget" | "snmpwalk" | "snmpbulkwalk",
  args: string[],
): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args, stdout: "piped", stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}
