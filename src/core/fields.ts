/**
 * The dictionary of fields: what rules may speak of. Names are Elastic Common Schema's (ECS 8) where it has one. It feeds the
 * reference and rule checking, where a name that is not here is a warning with "did you mean".
 */

/** What a field holds. `list` is a list of texts. */
export type FieldType = "text" | "number" | "boolean" | "ip" | "time" | "list";

export interface FieldDefinition {
  readonly name: string;
  readonly type: FieldType;
  /** Of a number: `bytes`, `percent`, `s`, `ns`, `bytes/s`, …; absent for a plain count. */
  readonly unit?: string;
  readonly description: string;
}

type Row = readonly [name: string, type: FieldType, description: string, unit?: string];

const EVENT: readonly Row[] = [
  ["event.kind", "text", "Kind of the event, <category>.<type>"],
  ["event.source", "text", "Collector the event came from"],
  ["event.duration", "number", "How long what the event tells of took", "ns"],
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
  ["network.state", "text", "State of the socket: listen, established, syn_sent, …"],
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
export const FIELDS: readonly FieldDefinition[] = [...EVENT, ...PROCESS, ...NETWORK, ...SYSTEM, ...WEIR].map(
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
