/**
 * The dictionary of fields: what rules may speak of. Names are Elastic Common Schema's (ECS 8) where it has one. It feeds the
 * reference and rule checking, where a name that is not here is a warning with "did you mean".
 */

import { LOG_FIELDS } from "./log_fields.ts";

/** What a field holds. `list` is a list of texts. */
export type FieldType = "text" | "number" | "boolean" | "ip" | "time" | "list";

export interface FieldDefinition {
  readonly name: string;
  readonly type: FieldType;
  /** Of a number: `bytes`, `percent`, `s`, `ns`, `bytes/s`, ...; absent for a plain count. */
  readonly unit?: string;
  readonly description: string;
}

/** One line of the dictionary. */
export type FieldRow = readonly [name: string, type: FieldType, description: string, unit?: string];

type Row = FieldRow;

const EVENT: readonly Row[] = [
  ["event.kind", "text", "Kind of the event, <category>.<type>"],
  ["event.source", "text", "Collector the event came from"],
  ["event.duration", "number", "How long what the event tells of took", "ns"],
  ["event.start", "time", "When what the event tells of began"],
  ["event.outcome", "text", "success, failure or unknown"],
  ["event.action", "text", "What was done, in the source's words"],
  ["message", "text", "A log's text as it stood after the header"],
  ["host.name", "text", "Device the event is about"],
  ["host.os.type", "text", "Its operating system: linux, windows or macos; absent on Linux"],
  ["weir.original_time", "time", "The source's own time where it stood too far ahead"],
];

const PROCESS: readonly Row[] = [
  ["process.pid", "number", "Process id"],
  ["process.name", "text", "Name as the kernel keeps it (15 bytes), or the executable's where it was cut"],
  ["process.executable", "text", "Absolute path of the program"],
  ["process.executable_deleted", "boolean", "Whether the program's file is gone while it runs"],
  ["process.command_line", "text", "Whole command line as text"],
  ["process.command_line_cut", "boolean", "Whether the command line was longer than is kept"],
  ["process.args", "list", "Command line as a list of arguments"],
  ["process.args_count", "number", "Number of arguments"],
  ["process.working_directory", "text", "Current directory"],
  ["process.start", "time", "When it started"],
  ["process.uptime", "number", "Since it started", "s"],
  ["process.entity_id", "text", "Boot id, pid and start time: one process, even if its pid is used again"],
  ["process.state", "text", "running, sleeping, disk_sleep, stopped, zombie, idle or dead"],
  ["process.exit_code", "number", "Exit status"],
  ["process.tty", "text", "Terminal it runs in"],
  ["process.cpu.percent", "number", "Share of one core since the last look; 100 is one core", "percent"],
  ["process.memory.percent", "number", "Resident memory as a share of the host's", "percent"],
  ["process.memory.resident.bytes", "number", "Resident memory", "bytes"],
  ["process.memory.virtual.bytes", "number", "Virtual memory", "bytes"],
  ["process.threads.count", "number", "Threads"],
  ["process.connections.count", "number", "Internet sockets it holds"],
  ["process.open_files.count", "number", "Open file descriptors"],
  ["process.parent.pid", "number", "Parent's process id"],
  ["process.parent.name", "text", "Parent's name"],
  ["process.parent.executable", "text", "Absolute path of the parent's program"],
  ["process.parent.command_line", "text", "Parent's command line"],
  ["process.parent.entity_id", "text", "Parent's entity id"],
  ["user.name", "text", "User it is about or who acted"],
  ["user.id", "text", "That user's id"],
];

const NETWORK: readonly Row[] = [
  ["source.ip", "ip", "Address it came from; of a socket, its own"],
  ["source.port", "number", "Port it came from; of a socket, its own"],
  ["destination.ip", "ip", "Address it goes to; of a socket, the peer's"],
  ["destination.port", "number", "Port it goes to; of a socket, the peer's"],
  ["network.transport", "text", "tcp or udp"],
  ["network.type", "text", "ipv4 or ipv6"],
  ["network.direction", "text", "ingress or egress"],
  ["network.state", "text", "State of the socket: listen, established, syn_sent, ..."],
];

const FILE: readonly Row[] = [
  ["file.path", "text", "Absolute path of a file, folder or link"],
  ["file.name", "text", "Its last name"],
  ["file.directory", "text", "Folder it is in"],
  ["file.extension", "text", "What stands behind the last dot of its name"],
  ["file.type", "text", "file, dir, symlink, fifo, socket, block_device, char_device or unknown"],
  ["file.size", "number", "Size of a file", "bytes"],
  ["file.mode", "text", "Permissions in octal digits: 0644; 4755 is set-user-id"],
  ["file.uid", "text", "Id of its owner"],
  ["file.gid", "text", "Id of its group"],
  ["file.owner", "text", "Name of its owner"],
  ["file.group", "text", "Name of its group"],
  ["file.inode", "text", "Its number in the file system"],
  ["file.mtime", "time", "When it was last written to"],
  ["file.ctime", "time", "When anything of it last changed; whole seconds"],
  ["file.links", "number", "How many names a file has"],
  ["file.target_path", "text", "Where a link leads, as it stands in it"],
  ["file.hash.sha256", "text", "SHA-256 of what a file holds"],
  ["file.unhashed", "text", "Why there is no hash: too_large, unreadable or changing"],
  [
    "file.changed",
    "list",
    "What is not as it was: type, sha256, target, device, size, mode, owner, group, mtime, inode, links",
  ],
  ["file.previous.path", "text", "Where one that was moved had been"],
  ["file.previous.type", "text", "What it was before"],
  ["file.previous.size", "number", "The size it had", "bytes"],
  ["file.previous.mode", "text", "The permissions it had"],
  ["file.previous.uid", "text", "Id of the owner it had"],
  ["file.previous.gid", "text", "Id of the group it had"],
  ["file.previous.owner", "text", "Name of the owner it had"],
  ["file.previous.group", "text", "Name of the group it had"],
  ["file.previous.inode", "text", "The number it had"],
  ["file.previous.mtime", "time", "When it had last been written to"],
  ["file.previous.ctime", "time", "When anything of it had last changed"],
  ["file.previous.links", "number", "How many names it had"],
  ["file.previous.target_path", "text", "Where a link led"],
  ["file.previous.hash.sha256", "text", "SHA-256 of what it held"],
  ["file.previous.unhashed", "text", "Why there was no hash"],
  ["file.scan.reason", "text", "Why everything was looked at: baseline, start, schedule or lost"],
  ["file.scan.complete", "boolean", "Whether it is the end of a look at everything; false: how far the first one is"],
  ["file.scan.files", "number", "Files looked at"],
  ["file.scan.folders", "number", "Folders looked into"],
  ["file.scan.bytes", "number", "Bytes read for hashes", "bytes"],
  ["file.scan.changes", "number", "Changes found in it, or told meanwhile"],
  ["file.scan.unreadable", "number", "Files and folders that could not be read"],
  ["file.scan.unhashed", "number", "Files without a hash, being too large or never still"],
  ["file.scan.unwatched", "number", "Folders that are not watched, only looked at again"],
  ["file.scan.left_out", "number", "Folders and paths left out, being too many"],
];

const SYSTEM: readonly Row[] = [
  ["system.cpu.percent", "number", "CPU in use, all cores together", "percent"],
  ["system.cpu.user.percent", "number", "CPU in user code", "percent"],
  ["system.cpu.system.percent", "number", "CPU in the kernel", "percent"],
  ["system.cpu.iowait.percent", "number", "CPU waiting for disks", "percent"],
  ["system.cpu.cores", "number", "Cores"],
  ["system.load.1", "number", "Load average over 1 minute"],
  ["system.load.5", "number", "Load average over 5 minutes"],
  ["system.load.15", "number", "Load average over 15 minutes"],
  ["system.memory.percent", "number", "Memory in use that cannot be reclaimed at once", "percent"],
  ["system.memory.total.bytes", "number", "Memory", "bytes"],
  ["system.memory.used.bytes", "number", "Memory in use that cannot be reclaimed at once", "bytes"],
  ["system.memory.available.bytes", "number", "Memory that can be had", "bytes"],
  ["system.swap.percent", "number", "Swap in use; absent without swap", "percent"],
  ["system.swap.total.bytes", "number", "Swap space", "bytes"],
  ["system.swap.used.bytes", "number", "Swap in use", "bytes"],
  ["system.filesystem.mount_point", "text", "Where it is mounted"],
  ["system.filesystem.device", "text", "What is mounted"],
  ["system.filesystem.type", "text", "Type of file system"],
  ["system.filesystem.percent", "number", "Space in use", "percent"],
  ["system.filesystem.total.bytes", "number", "Space", "bytes"],
  ["system.filesystem.used.bytes", "number", "Space in use", "bytes"],
  ["system.filesystem.free.bytes", "number", "Space that can be had", "bytes"],
  ["system.disk.name", "text", "Block device"],
  ["system.disk.read.bytes", "number", "Bytes read, the device's own counter", "bytes"],
  ["system.disk.write.bytes", "number", "Bytes written, the device's own counter", "bytes"],
  ["system.disk.read.bytes_per_second", "number", "Read", "bytes/s"],
  ["system.disk.write.bytes_per_second", "number", "Written", "bytes/s"],
  ["system.disk.reads_per_second", "number", "Reads", "1/s"],
  ["system.disk.writes_per_second", "number", "Writes", "1/s"],
  ["system.interface.name", "text", "Network interface"],
  ["system.interface.state", "text", "up, down or unknown"],
  ["system.interface.in.bytes", "number", "Bytes received, the interface's own counter", "bytes"],
  ["system.interface.out.bytes", "number", "Bytes sent, the interface's own counter", "bytes"],
  ["system.interface.in.errors", "number", "Errors in receiving, counter"],
  ["system.interface.out.errors", "number", "Errors in sending, counter"],
  ["system.interface.in.dropped", "number", "Packets dropped in receiving, counter"],
  ["system.interface.out.dropped", "number", "Packets dropped in sending, counter"],
  ["system.interface.in.bytes_per_second", "number", "Rate received since the last look", "bytes/s"],
  ["system.interface.out.bytes_per_second", "number", "Rate sent since the last look", "bytes/s"],
  ["system.interface.bytes_per_second", "number", "Rates received and sent, added", "bytes/s"],
  ["system.interface.in.errors_per_second", "number", "Errors in receiving since the last look", "1/s"],
  ["system.interface.out.errors_per_second", "number", "Errors in sending since the last look", "1/s"],
  ["system.connections.count", "number", "Internet sockets of the host"],
  ["system.connections.established", "number", "Established TCP connections"],
  ["system.connections.listening", "number", "Listening sockets"],
  ["system.processes.count", "number", "Processes"],
  ["system.processes.running", "number", "Processes on a core or waiting for one"],
  ["system.processes.blocked", "number", "Processes waiting for a disk"],
  ["system.processes.zombie", "number", "Ended processes whose parents have not looked"],
  ["system.uptime.seconds", "number", "Since the host started", "s"],
];

const SNMP_TRAP: readonly Row[] = [
  ["snmp.trap.version", "text", "Version of the protocol it came by: 1, 2c or 3"],
  ["snmp.trap.user", "text", "SNMPv3 user it came by"],
  ["snmp.trap.type", "text", "trap, or inform, which is acknowledged"],
  ["snmp.trap.oid", "text", "Which trap it is; of v1, what RFC 3584 makes of its numbers"],
  [
    "snmp.trap.name",
    "text",
    "coldStart, warmStart, linkDown, linkUp, authenticationFailure, ...; absent where not well known",
  ],
  ["snmp.trap.enterprise", "text", "Kind of device the trap is of"],
  ["snmp.trap.agent.ip", "ip", "Address the agent gives as its own"],
  ["snmp.trap.varbinds", "list", "What it carries, each <OID>=<value>"],
  ["snmp.trap.varbinds_cut", "boolean", "Whether it carried more than is kept"],
];

const SNMP: readonly Row[] = [
  [
    "snmp.quality",
    "text",
    "How far a sample can be trusted: good, first, wrapped, ambiguous, reset, implausible or partial",
  ],
  ["snmp.device.target", "text", "Host and port that were asked, as configured: 10.0.0.1:161"],
  ["snmp.device.version", "text", "Version it was asked by: 1, 2c or 3"],
  ["snmp.device.reachable", "boolean", "Whether it answered"],
  [
    "snmp.device.failure",
    "text",
    "Why it did not: silent, unresolved, authentication, unknown_user, authorization, privacy, ...",
  ],
  ["snmp.device.message", "text", "The same in a sentence"],
  ["snmp.device.failures.count", "number", "Polls in a row that failed, this one included"],
  ["snmp.device.restarted", "boolean", "Whether its agent started anew since the last poll"],
  ["snmp.device.uptime.seconds", "number", "Since its agent started", "s"],
  ["snmp.device.round_trip.seconds", "number", "From the first request to its answer", "s"],
  ["snmp.device.poll.seconds", "number", "How long the whole poll took", "s"],
  ["snmp.device.requests.sent", "number", "Datagrams sent to it, those sent again among them"],
  ["snmp.device.answers.received", "number", "Datagrams that came back"],
  ["snmp.device.answers.stray", "number", "Datagrams that answered nothing that was asked, or came from elsewhere"],
  ["snmp.device.answers.garbage", "number", "Datagrams that were no SNMP"],
  ["snmp.device.values.read", "number", "Values read"],
  ["snmp.device.values.refused", "number", "Values that cannot be: of another type, negative, no number"],
  ["snmp.device.objects.absent", "number", "Objects that it does not have"],
  ["snmp.device.objects.failed", "number", "Objects that it could not answer for"],
  ["snmp.device.walks.disordered", "number", "Walks ended since its object identifiers did not increase"],
  ["snmp.device.walks.cut", "number", "Tables not read to their end: the deadline passed, or too many rows"],
  ["snmp.system.description", "text", "What the device is"],
  ["snmp.system.name", "text", "The name it has"],
  ["snmp.system.contact", "text", "Whom to ask about it"],
  ["snmp.system.location", "text", "Where it stands"],
  ["snmp.system.uptime.seconds", "number", "Since its agent started", "s"],
  ["snmp.cpu.percent", "number", "CPU in use over the last minute, all processors together", "percent"],
  ["snmp.cpu.busiest.percent", "number", "That of the busiest processor", "percent"],
  ["snmp.cpu.count", "number", "Processors"],
  ["snmp.cpu.loads", "list", "Percent of each processor, in their order"],
  ["snmp.memory.size.kib", "number", "Main memory as the agent has it", "KiB"],
  ["snmp.memory.total.bytes", "number", "Main memory", "bytes"],
  [
    "snmp.memory.used.bytes",
    "number",
    "Main memory in use, without buffers and caches where the agent tells them",
    "bytes",
  ],
  [
    "snmp.memory.percent",
    "number",
    "Main memory in use, without buffers and caches where the agent tells them",
    "percent",
  ],
  ["snmp.storage.index", "text", "Row of a storage area"],
  ["snmp.storage.name", "text", "Mount point, or kind of memory"],
  ["snmp.storage.type", "text", "ram, virtual_memory, fixed_disk, removable_disk, network_disk, other, ..."],
  ["snmp.storage.unit.bytes", "number", "What one unit of its size and use is", "bytes"],
  ["snmp.storage.size.units", "number", "Its size in such units"],
  ["snmp.storage.used.units", "number", "What is in use in such units"],
  ["snmp.storage.total.bytes", "number", "Its size", "bytes"],
  ["snmp.storage.used.bytes", "number", "What is in use", "bytes"],
  ["snmp.storage.free.bytes", "number", "What is not", "bytes"],
  ["snmp.storage.percent", "number", "What is in use", "percent"],
  ["snmp.disk.index", "text", "Row of a block device"],
  ["snmp.disk.name", "text", "Block device"],
  ["snmp.disk.reads", "number", "Reads, counter"],
  ["snmp.disk.writes", "number", "Writes, counter"],
  ["snmp.disk.reads_per_second", "number", "Reads since the last poll", "1/s"],
  ["snmp.disk.writes_per_second", "number", "Writes since the last poll", "1/s"],
  ["snmp.interface.index", "text", "Row of a network interface"],
  ["snmp.interface.name", "text", "Its short name (ifName), else its description"],
  ["snmp.interface.description", "text", "It in the maker's words (ifDescr)"],
  ["snmp.interface.type", "text", "ethernet, loopback, tunnel, ...; else the number of IANA's list"],
  ["snmp.interface.state", "text", "up, down, testing, unknown, dormant, not_present or lower_layer_down"],
  ["snmp.interface.admin_state", "text", "What it should be: up, down or testing"],
  ["snmp.interface.speed.bits_per_second", "number", "How fast it is", "bit/s"],
  ["snmp.interface.in.bytes", "number", "Bytes received, counter; past 2^53 the nearest number", "bytes"],
  ["snmp.interface.out.bytes", "number", "Bytes sent, counter; past 2^53 the nearest number", "bytes"],
  ["snmp.interface.in.bytes_exact", "text", "The counter in full, where it is past 2^53"],
  ["snmp.interface.out.bytes_exact", "text", "The counter in full, where it is past 2^53"],
  ["snmp.interface.in.bytes_per_second", "number", "Rate received since the last poll", "bytes/s"],
  ["snmp.interface.out.bytes_per_second", "number", "Rate sent since the last poll", "bytes/s"],
  ["snmp.interface.bytes_per_second", "number", "Rates received and sent, added", "bytes/s"],
  ["snmp.interface.in.percent", "number", "Rate received as a share of its speed", "percent"],
  ["snmp.interface.out.percent", "number", "Rate sent as a share of its speed", "percent"],
  ["snmp.interface.in.errors", "number", "Errors in receiving, counter"],
  ["snmp.interface.out.errors", "number", "Errors in sending, counter"],
  ["snmp.interface.in.errors_increase", "number", "Errors in receiving since the last poll"],
  ["snmp.interface.out.errors_increase", "number", "Errors in sending since the last poll"],
  ["snmp.interface.in.errors_per_second", "number", "Errors in receiving since the last poll", "1/s"],
  ["snmp.interface.out.errors_per_second", "number", "Errors in sending since the last poll", "1/s"],
  ["snmp.process.path", "text", "Where a process's program is, in the agent's words"],
  ["snmp.process.parameters", "text", "Its arguments; polled only where hrSWRunParameters is asked for by name"],
  ["snmp.process.status", "text", "running, runnable, not_runnable or invalid"],
  ["snmp.process.cpu.seconds", "number", "CPU time it has had", "s"],
  ["snmp.load.1", "number", "Load average over 1 minute"],
  ["snmp.load.5", "number", "Load average over 5 minutes"],
  ["snmp.load.15", "number", "Load average over 15 minutes"],
  ["snmp.object.name", "text", "Name of an object of the configuration's own"],
  ["snmp.object.category", "text", "Its category"],
  ["snmp.object.oid", "text", "Its object identifier, row included"],
  ["snmp.object.index", "text", "Its row, of a column"],
  ["snmp.object.label", "text", "What the row is called, where the configuration says which column tells that"],
  ["snmp.object.unit", "text", "Its unit, as configured"],
  ["snmp.object.value", "number", "Its value"],
  ["snmp.object.value_exact", "text", "A counter in full, where it is past 2^53"],
  ["snmp.object.text", "text", "Its value, of a text"],
  ["snmp.object.per_second", "number", "What a counter grew by since the last poll", "1/s"],
];

const WEIR: readonly Row[] = [
  ["weir.collector.name", "text", "Collector a ledger row is about"],
  ["weir.collector.state", "text", "running, degraded, off or ended"],
  ["weir.collector.collected", "number", "Events collected in this run"],
  ["weir.collector.committed", "number", "Events committed in this run"],
  ["weir.collector.duplicate", "number", "Events already known in this run"],
  ["weir.collector.dropped", "number", "Events given up in this run, for any reason"],
  ["weir.collector.pending", "number", "Events on their way to a commit"],
  ["weir.collector.restarts", "number", "Times it was started again after a failure"],
  ["weir.collector.silent_seconds", "number", "Since its last event", "s"],
];

/** Every field, in groups that belong together. */
export const FIELDS: readonly FieldDefinition[] = [
  ...EVENT,
  ...PROCESS,
  ...NETWORK,
  ...FILE,
  ...SYSTEM,
  ...SNMP,
  ...SNMP_TRAP,
  ...LOG_FIELDS,
  ...WEIR,
]
  .map(
    ([name, type, description, unit]) => ({ name, type, description, ...(unit === undefined ? {} : { unit }) }),
  );

const BY_NAME = new Map(FIELDS.map((field) => [field.name, field]));

/** The definition of a field, or `undefined` when the dictionary does not have the name. */
export function fieldDefinition(name: string): FieldDefinition | undefined {
  return BY_NAME.get(name);
}

/** Whether a name is in the dictionary. */
export function isKnownField(name: string): boolean {
  return BY_NAME.has(name);
}
