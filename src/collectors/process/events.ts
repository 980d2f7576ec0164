/** What the process collector's events hold, by the dictionary's names. What is not known is left out. */

import { toRfc3339 } from "../../core/event.ts";
import type { FieldValue } from "../../core/event.ts";
import { entityId } from "./ids.ts";
import type { Identity, Measures, SocketDescription } from "./source.ts";

type Fields = Record<string, FieldValue>;

/** Who a process is. */
export function identityFields(key: string, identity: Identity): Fields {
  return present({
    "process.pid": identity.pid,
    "process.entity_id": entityId(key, identity),
    "process.start": toRfc3339(identity.startMs),
    "process.name": identity.name,
    "process.executable": identity.executable,
    "process.executable_deleted": identity.executableDeleted,
    "process.command_line": identity.commandLine,
    "process.command_line_cut": identity.commandLineCut,
    "process.args": identity.args,
    "process.args_count": identity.commandLineCut ? undefined : identity.args?.length,
    "process.working_directory": identity.workingDirectory,
    "user.id": identity.userId,
    "user.name": identity.userName,
  });
}

/** Who started it: the cached parent, or of a parent that was never seen, its pid. */
export function parentFields(key: string, parentPid: number | undefined, parent: Identity | undefined): Fields {
  return present({
    "process.parent.pid": parent?.pid ?? parentPid,
    "process.parent.entity_id": parent === undefined ? undefined : entityId(key, parent),
    "process.parent.name": parent?.name,
    "process.parent.executable": parent?.executable,
    "process.parent.command_line": parent?.commandLine,
  });
}

/** What it uses. `cpuPercent` and `connections` are worked out by the caller. */
export function measureFields(measures: Measures, cpuPercent?: number, connections?: number): Fields {
  return present({
    "process.state": measures.state,
    "process.cpu.percent": rounded(cpuPercent),
    "process.memory.percent": rounded(measures.memoryPercent),
    "process.memory.resident.bytes": measures.residentBytes,
    "process.memory.virtual.bytes": measures.virtualBytes,
    "process.threads.count": measures.threads,
    "process.connections.count": connections,
    "process.open_files.count": measures.openFiles,
  });
}

/** Which side began a connection: the peer, or this host. */
export type Direction = "ingress" | "egress";

/** A socket, and who holds it. A socket that only listens has no direction. */
export function socketFields(key: string, socket: SocketDescription, direction?: Direction, owner?: Identity): Fields {
  return present({
    "network.transport": socket.transport,
    "network.type": socket.type,
    "network.state": socket.state,
    "network.direction": direction,
    "source.ip": socket.localIp,
    "source.port": socket.localPort,
    "destination.ip": socket.peerIp,
    "destination.port": socket.peerPort,
    "user.id": socket.userId,
    "user.name": socket.userName,
    "process.pid": owner?.pid ?? socket.pid,
    "process.entity_id": owner === undefined ? undefined : entityId(key, owner),
    "process.name": owner?.name,
    "process.executable": owner?.executable,
    "process.command_line": owner?.commandLine,
  });
}

function present(from: Record<string, FieldValue | undefined>): Fields {
  const fields: Fields = {};
  for (const name in from) {
    const value = from[name];
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

/** Two decimals: no measure here is finer. */
function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 100) / 100;
}
