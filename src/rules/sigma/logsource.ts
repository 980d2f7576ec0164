/**
 * Sigma's log sources: which of our kinds of events each is, and which of our fields its fields are. One table.
 *
 * How an event is routed. A rule is offered an event when the event's kind is one of the rule's, and the rule's system, where it
 * names one, is that of the event's host (`host.os.type`; Linux where an event does not say). So a Windows rule costs a Linux
 * process nothing, though both are of kind `process.start`. A log source that none of our collectors yields is a kind of its own,
 * `sigma.<product>.<category>.<service>`, which what comes in from elsewhere may carry. A foreign event, which has no kind, is
 * offered to every rule.
 */

import { ownEntry } from "../../core/own_entry.ts";
import { SYSMON_DNS, SYSMON_FILE, SYSMON_NETWORK, SYSMON_PROCESS } from "../../core/sysmon_names.ts";
import type { LogSource, OsType } from "../rule.ts";

/** Where the events of a log source are found. */
export interface Route {
  /** The same for log sources that are alike. */
  readonly id: string;
  /** Null: events of every kind. */
  readonly kinds: readonly string[] | null;
  readonly os?: OsType;
  /** Programs whose log lines it is: an event that names a program must name one of these. */
  readonly programs?: readonly string[];
  /** Fields to look for, in order: of those, the first that is present counts. */
  readonly fieldsOf: (field: string) => readonly string[];
  /** Another test that says the same of our events, where the values have other names too. */
  readonly translate?: (field: string, value: string) => { readonly field: string; readonly value: string } | undefined;
}

/** Kinds that come out of a system's log, decoded or not: `SYSTEM_LOG_KINDS` of the log decoders, as a test sees to. */
const LOG_KINDS = [
  "log.line",
  "authentication.failure",
  "authentication.success",
  "pam.failure",
  "pam.user_unknown",
  "session.start",
  "session.end",
  "session.new",
  "session.removed",
  "login.too_many_attempts",
  "ssh.invalid_user",
  "ssh.probe",
  "ssh.connection",
  "ssh.disconnect",
  "ssh.postponed",
  "ssh.timeout",
  "ssh.too_many_attempts",
  "ssh.not_allowed",
  "ssh.reverse_mapping_failed",
  "sudo.command",
  "sudo.denied",
  "user.create",
  "user.change",
  "user.delete",
  "user.lock",
  "user.unlock",
  "user.password_change",
  "group.create",
  "group.change",
  "group.delete",
  "group.member_add",
  "group.member_remove",
  "cron.run",
  "cron.change",
  "cron.edit",
  "cron.list",
  "cron.reload",
  "service.start",
  "service.finish",
  "service.stop",
  "service.exit",
  "service.failure",
  "service.restart",
  "service.usage",
  "service.manager_reload",
  "firewall.packet",
] as const;

type FieldTable = Readonly<Record<string, string>>;

const HOST: FieldTable = {
  Computer: "host.name",
  ComputerName: "host.name",
  Hostname: "host.name",
  User: "user.name",
};

const PROCESS: FieldTable = {
  ...HOST,
  ...SYSMON_PROCESS,
  md5: "process.hash.md5",
  sha1: "process.hash.sha1",
  sha256: "process.hash.sha256",
  Imphash: "process.pe.imphash",
};

const NETWORK: FieldTable = {
  ...HOST,
  ...SYSMON_NETWORK,
  CommandLine: "process.command_line",
  ParentImage: "process.parent.executable",
  src_ip: "source.ip",
  src_port: "source.port",
  dst_ip: "destination.ip",
  dst_port: "destination.port",
};

const FILE: FieldTable = {
  ...HOST,
  ...SYSMON_FILE,
  SourceFilename: "file.path",
  CommandLine: "process.command_line",
  ParentImage: "process.parent.executable",
  ParentCommandLine: "process.parent.command_line",
  md5: "file.hash.md5",
  sha1: "file.hash.sha1",
  sha256: "file.hash.sha256",
};

const WEB: FieldTable = {
  "c-ip": "source.ip",
  "c-uri": "url.original",
  "c-uri-extension": "url.extension",
  "c-uri-path": "url.path",
  "c-uri-query": "url.query",
  "c-uri-stem": "url.path",
  "c-useragent": "user_agent.original",
  "cs-bytes": "http.request.bytes",
  "cs-host": "url.domain",
  "cs-method": "http.request.method",
  "cs-referer": "http.request.referrer",
  "cs-referrer": "http.request.referrer",
  "cs-uri": "url.original",
  "cs-uri-query": "url.query",
  "cs-uri-stem": "url.path",
  "cs-user-agent": "user_agent.original",
  "cs-username": "user.name",
  "cs-version": "http.version",
  "s-ip": "destination.ip",
  "s-port": "destination.port",
  "sc-bytes": "http.response.bytes",
  "sc-status": "http.response.status_code",
  "src_ip": "source.ip",
};

const AUDIT: FieldTable = {
  type: "audit.type",
  SYSCALL: "audit.syscall",
  syscall: "audit.syscall",
  exe: "process.executable",
  comm: "process.name",
  cwd: "process.working_directory",
  pid: "process.pid",
  ppid: "process.parent.pid",
  proctitle: "process.command_line",
  name: "audit.path.name",
  nametype: "audit.path.nametype",
  uid: "user.id",
  euid: "user.effective.id",
  auid: "user.audit.id",
  ses: "audit.session",
};

/** Fields of audit records that have no name of ours have their own after this. */
const AUDIT_PREFIX = "audit.";

const DNS: FieldTable = {
  ...HOST,
  ...SYSMON_DNS,
  query: "dns.question.name",
  record_type: "dns.question.type",
  answer: "dns.answers.data",
};

const LOG: FieldTable = { ...HOST, Message: "message", message: "message" };

interface Source {
  readonly kinds: readonly string[];
  readonly fields: FieldTable;
  readonly programs?: readonly string[];
  /** Before the name of any other field. */
  readonly prefix?: string;
}

/** By category, whatever the system. */
const CATEGORIES: Readonly<Record<string, Source>> = {
  process_creation: { kinds: ["process.start", "process.exec"], fields: PROCESS },
  process_termination: { kinds: ["process.end"], fields: PROCESS },
  network_connection: { kinds: ["network.connection"], fields: NETWORK },
  file_event: { kinds: ["file.create", "file.change", "file.move"], fields: FILE },
  file_change: { kinds: ["file.change", "file.attributes"], fields: FILE },
  file_delete: { kinds: ["file.delete"], fields: FILE },
  file_rename: { kinds: ["file.move"], fields: FILE },
  dns_query: { kinds: ["dns.query"], fields: DNS },
  dns: { kinds: ["dns.query"], fields: DNS },
  webserver: { kinds: ["web.access"], fields: WEB },
  firewall: { kinds: ["firewall.packet"], fields: NETWORK },
};

/** By service, of Linux or of no product. */
const SERVICES: Readonly<Record<string, Source>> = {
  auditd: { kinds: ["audit.event"], fields: AUDIT, prefix: AUDIT_PREFIX },
  auth: { kinds: LOG_KINDS, fields: LOG },
  syslog: { kinds: LOG_KINDS, fields: LOG },
  sshd: { kinds: LOG_KINDS, fields: LOG, programs: ["sshd", "sshd-session", "sshd-auth"] },
  sudo: { kinds: LOG_KINDS, fields: LOG, programs: ["sudo"] },
  su: { kinds: LOG_KINDS, fields: LOG, programs: ["su"] },
  cron: { kinds: LOG_KINDS, fields: LOG, programs: ["cron", "crond", "CRON", "anacron", "crontab"] },
  vsftpd: { kinds: LOG_KINDS, fields: LOG, programs: ["vsftpd"] },
  clamav: { kinds: LOG_KINDS, fields: LOG, programs: ["clamd", "clamscan", "clamdscan", "freshclam"] },
  guacamole: { kinds: LOG_KINDS, fields: LOG, programs: ["guacd", "guacamole"] },
  apache: { kinds: ["web.access", "web.error", ...LOG_KINDS], fields: WEB },
  nginx: { kinds: ["web.access", "web.error", ...LOG_KINDS], fields: WEB },
  netflow: { kinds: ["flow.record"], fields: {} },
};

/** Log sources of Windows whose records are of several kinds. */
const WINDOWS_KINDS: Readonly<Record<string, readonly string[]>> = {
  "service/security": ["sigma.windows.security", "authentication.failure", "authentication.success"],
  "category/registry_event": ["set", "add", "delete", "rename"].map((what) => `sigma.windows.registry_${what}`),
};

const OS_TYPES: readonly OsType[] = ["linux", "windows", "macos"];

/** Where a log source's events are found. */
export function routeOf({ category, product, service }: LogSource): Route {
  const id = [product, category, service].map((part) => part ?? "").join("/");
  const os = OS_TYPES.find((type) => type === product);
  const named = service !== null ? serviceSource(service, product) : categorySource(category, product);
  if (named !== undefined) {
    return {
      id,
      kinds: named.kinds,
      ...(os === undefined ? {} : { os }),
      ...(named.programs === undefined ? {} : { programs: named.programs }),
      fieldsOf: fieldsIn(named.fields, named.prefix),
      ...(category === "network_connection" ? { translate: translateInitiated } : {}),
    };
  }
  if (os !== undefined && category === null && service === null) {
    return { id, kinds: null, os, fieldsOf: fieldsIn(LOG) };
  }
  const records = os === "windows" ? windowsKinds(category, service) : undefined;
  if (records !== undefined) return { id, kinds: records, os: "windows", fieldsOf: fieldsIn({}) };
  const parts = [product, category, service].filter((part) => part !== null);
  return { id, kinds: [["sigma", ...parts].join(".")], fieldsOf: fieldsIn({}) };
}

function windowsKinds(category: string | null, service: string | null): readonly string[] | undefined {
  if (category !== null && service !== null) return undefined;
  return ownEntry(WINDOWS_KINDS, service === null ? `category/${category}` : `service/${service}`);
}

function serviceSource(service: string, product: string | null): Source | undefined {
  return product === null || product === "linux" ? ownEntry(SERVICES, service) : undefined;
}

function categorySource(category: string | null, product: string | null): Source | undefined {
  if (category === null) return undefined;
  const ours = product === null || OS_TYPES.some((type) => type === product) || category === "webserver";
  return ours ? ownEntry(CATEGORIES, category) : undefined;
}

/** Sysmon says `Initiated` where ECS has a direction. */
function translateInitiated(field: string, value: string): { field: string; value: string } | undefined {
  if (field !== "Initiated") return undefined;
  const direction = { true: "egress", false: "ingress" }[value.toLowerCase()];
  return direction === undefined ? undefined : { field: "network.direction", value: direction };
}

function fieldsIn(table: FieldTable, prefix?: string): (field: string) => readonly string[] {
  return (field) => {
    const ours = ownEntry(table, field) ?? (prefix === undefined ? undefined : prefix + field);
    if (ours === undefined || ours === field) return [field];
    // Every event has a host: the literal name goes first so that it can be seen at all.
    return ours === "host.name" ? [field, ours] : [ours, field];
  };
}
