/** What systeminformation's rows mean. No I/O. */

import { isIP } from "node:net";
import type { Systeminformation } from "systeminformation";
import type { Socket, SocketDescription } from "./source.ts";

export type Row = Systeminformation.ProcessesProcessData;

/** What stands in for the kernel's number of a socket whose process is not known. */
const NO_PROCESS = 1;

/** The command line, put together from the parts systeminformation took it into; single arguments are not known. */
export function commandLineOf({ path, command, params }: Row): string {
  const program = path === "" || command.includes("/") ? command : `${path.replace(/[/\\]$/, "")}/${command}`;
  return `${program} ${params}`.trim();
}

/** Absolute path of the program, where the command line began with one. */
export function programPath({ path, command, name }: Row): string | undefined {
  const isAbsolute = path.startsWith("/") || /^[A-Za-z]:\\/.test(path);
  if (!isAbsolute || command === "") return undefined;
  const separator = path.includes("\\") ? "\\" : "/";
  // What stood before the first option is taken for the command: "deno run". Its name is known on Linux.
  const program = name !== "" && command.startsWith(`${name} `) ? name : command;
  return path.endsWith(program) ? path : `${path.replace(/[/\\]$/, "")}${separator}${program}`;
}

/** When it started, by the wall clock: seconds since the epoch; 0 where that is not known. */
export function startSeconds({ started }: Row): number {
  const seconds = Math.floor(new Date(started.replace(" ", "T")).getTime() / 1000); // local time
  return Number.isNaN(seconds) || seconds < 0 ? 0 : seconds;
}

/** Programs that systeminformation itself runs to look: a shell of ours with one of these lines, and what it runs. */
const OWN_TOOL = /(?:^|[;|] ?|-c )(?:ps -|ss -tunap|netstat -|lsof -)/;

/** Pids of what this process (`self`) started only to look at processes and sockets: no observation of the host. */
export function ownTools(rows: readonly Row[], self: number): Set<number> {
  const own = new Set<number>();
  for (const row of rows) if (row.parentPid === self && OWN_TOOL.test(commandLineOf(row))) own.add(row.pid);
  for (let before = -1; before !== own.size;) {
    before = own.size;
    for (const { pid, parentPid } of rows) if (own.has(parentPid)) own.add(pid);
  }
  return own;
}

/** A socket from a row; `undefined` for one whose own address cannot be read. */
export function parseConnection(row: Systeminformation.NetworkConnectionsData): Socket | undefined {
  const localIp = parseAddress(row.localAddress);
  const localPort = parsePort(row.localPort);
  if (localIp === undefined || localPort === undefined) return undefined;
  const transport = row.protocol.toLowerCase().startsWith("udp") ? "udp" : "tcp";
  const peerIp = parseAddress(row.peerAddress);
  const peerPort = parsePort(row.peerPort);
  const hasPeer = peerIp !== undefined && peerPort !== undefined;
  const state = parseState(row.state, transport, hasPeer);
  const pid = Number.isInteger(row.pid) && row.pid > 0 ? row.pid : undefined;
  const description: SocketDescription = {
    transport,
    type: localIp.includes(":") ? "ipv6" : "ipv4",
    localIp,
    localPort,
    state,
    ...(hasPeer ? { peerIp, peerPort } : {}),
    ...(pid === undefined ? {} : { pid }),
  };
  return {
    key: `${transport} ${localIp} ${localPort} ${hasPeer ? `${peerIp} ${peerPort}` : "-"}`,
    inode: state === "time_wait" ? 0 : pid ?? NO_PROCESS,
    isPending: false,
    isListening: state === "listen" || state === "unconnected",
    describe: () => description,
  };
}

/** One spelling for ss's, netstat's and Windows's: `FIN-WAIT-1`, `FIN_WAIT1`, `fin_wait_1`. */
function parseState(text: string, transport: string, hasPeer: boolean): string {
  if (transport === "udp") return hasPeer ? "established" : "unconnected";
  const state = text.toLowerCase().replaceAll("-", "_").replace(/_(\d)$/, "$1");
  const longer: Readonly<Record<string, string>> = {
    estab: "established",
    listening: "listen",
    syn_received: "syn_recv",
  };
  return longer[state] ?? (state === "" ? "unknown" : state);
}

function parseAddress(text: string): string | undefined {
  if (text === "*") return "::";
  const bare = text.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  const address = mapped ?? bare;
  return isIP(address) === 0 ? undefined : address;
}

/** 1 to 65,535; `undefined` for `*` and 0, which stand for no port. */
function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port <= 65_535 ? port : undefined;
}
