/** What can be configured about the log collector. */

import { isIP } from "node:net";
import { z } from "zod";
import { byteSizeSchema, durationSchema } from "../../core/schema.ts";
import { compileExpression } from "../../core/expression.ts";
import { LOG_FORMATS } from "./decode/decoder.ts";

/** Where systems keep their logs; those that exist are read. */
export const DEFAULT_PATHS = [
  "/var/log/syslog",
  "/var/log/messages",
  "/var/log/auth.log",
  "/var/log/secure",
  "/var/log/apache2/*",
  "/var/log/httpd/*",
  "/var/log/nginx/*",
  "/var/log/audit/audit.log",
] as const;

/** Channels of the Windows event log that are read. */
export const DEFAULT_CHANNELS = [
  "Security",
  "System",
  "Application",
  "Microsoft-Windows-Sysmon/Operational",
  "Microsoft-Windows-PowerShell/Operational",
  "Microsoft-Windows-Windows Defender/Operational",
] as const;

/** Paths and patterns in one list, at most. */
const PATHS_MAX = 1_000;

const paths = z.array(z.string().min(1).max(4_096)).max(PATHS_MAX);

/** Stands for the time zone of this host. */
export const LOCAL_TIME_ZONE = "local";

const timeZone = z.string().refine(isTimeZone, 'must be "local" or the name of a time zone, such as "Europe/Berlin"');

/** What stands for not listening at all. */
const NOT_LISTENING = "off";
const LISTEN_FORM = 'must be "off", or an address and a port, such as "0.0.0.0:514" or "[::]:514"';

const listenSchema = z.string({ error: LISTEN_FORM }).default(NOT_LISTENING).refine(
  (text) => text === NOT_LISTENING || parseListen(text) !== undefined,
  LISTEN_FORM,
);

const multilineSchema = z.strictObject({
  pattern: z.string().min(1).refine(isExpression, "must be a regular expression that runs in linear time").describe(
    "Regular expression. A line in which it is found goes on with the line before.",
  )
    .meta({ examples: ["^\\s"] }),
  negate: z.boolean().default(false).describe("Whether it is the lines in which it is not found that go on."),
  lines_max: z.int().min(2).max(10_000).default(500).describe("Lines in one entry; further ones are left out."),
  timeout: durationSchema("1s", { min: "10ms", max: "1m" }).describe("How long an entry is held for more lines."),
});

/** How files are read, in general and of a group of files. */
const reading = {
  exclude: paths.prefault([]).describe("Paths and names left out, with the same wildcards."),
  format: z.enum(LOG_FORMATS).default("auto").describe("What the lines are. auto decides for each line."),
  read_from: z.enum(["start", "end"]).default("end")
    .describe(
      "Where a file is begun that is there when its path is first watched. Files that come later: from the start.",
    ),
  time_zone: timeZone.default(LOCAL_TIME_ZONE)
    .describe("Of times that name none; local: this host's.").meta({ examples: ["Europe/Berlin"] }),
};

export const logsSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether it runs"),
  paths: paths.prefault([...DEFAULT_PATHS])
    .describe("Files to read: paths, with * ? [abc] within a name and ** for any folders. Those that exist are read."),
  ...reading,
  files: z.array(z.strictObject({
    paths: paths.min(1).describe("Files to read."),
    ...reading,
    multiline: multilineSchema.optional().describe("Entries of several lines, such as stack traces. Off unless set."),
  })).max(PATHS_MAX).prefault([]).describe("Files that are read in a way of their own.")
    .meta({ examples: [[{ paths: ["/srv/app/*.log"], format: "json" }]] }),
  journald: z.strictObject({
    read: z.enum(["auto", "always", "never"]).default("auto")
      .describe(
        "Whether systemd's journal is read. auto: where there is one, and no syslog or messages file beside it.",
      ),
    read_from: z.enum(["start", "end"]).default("end").describe("Where it is begun the first time."),
  }).prefault({}).describe("systemd's journal, through journalctl."),
  syslog: z.strictObject({
    udp: listenSchema.describe("Where messages are taken over UDP, as address:port; off for nowhere.")
      .meta({ examples: ["0.0.0.0:514"] }),
    tcp: listenSchema.describe("The same over TCP, with counted or line framing.").meta({ examples: ["0.0.0.0:514"] }),
    connections_max: z.int().min(1).max(10_000).default(256).describe("TCP connections at once."),
    time_zone: timeZone.default(LOCAL_TIME_ZONE).describe("Of times that name none; local: this host's."),
  }).prefault({}).describe("Listening for syslog (RFC 3164 and 5424) from other devices."),
  windows: z.strictObject({
    channels: z.array(z.string().min(1).max(256)).max(100).prefault([...DEFAULT_CHANNELS])
      .describe("Channels of the Windows event log to read. On other systems there are none."),
    interval: durationSchema("5s", { min: "1s", max: "1h" }).describe("Time between looks."),
    read_from: z.enum(["start", "end"]).default("end").describe("Where a channel is begun the first time."),
  }).prefault({}).describe("The Windows event log, through wevtutil."),
  line_bytes_max: byteSizeSchema("64KiB", { min: "1KiB", max: "1MiB" })
    .describe("What is kept of a line; a longer one is cut and marked."),
  files_max: z.int().min(1).max(4_096).default(512).describe("Files read at once; further ones are told as a trouble."),
  watch: z.boolean().default(true)
    .describe("Whether the system is asked to tell of changes. Without it, only poll_interval counts."),
  poll_interval: durationSchema("1s", { min: "10ms", max: "1h" }).describe("Time between looks at all files."),
  scan_interval: durationSchema("10s", { min: "100ms", max: "1h" })
    .describe("Time between looks for new files, and tries of files that could not be read."),
  rotated_wait: durationSchema("30s", { min: "0s", max: "1d" })
    .describe("How long a file is read on after it was renamed or removed and nothing more came."),
});

export type LogsConfig = z.output<typeof logsSchema>;

/** An address and a port; `undefined` for anything else, and for `off`. A name is not taken: what it stands for can change. */
export function parseListen(text: string): { readonly hostname: string; readonly port: number } | undefined {
  const found = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const hostname = found?.[1] ?? found?.[2] ?? "";
  const port = Number(found?.[3]);
  if (isIP(hostname) !== (found?.[1] === undefined ? 4 : 6) || port < 1 || port > 65_535) return undefined;
  return { hostname, port };
}

/** How one group of files is read. */
export type ReadingConfig = Pick<LogsConfig, "paths" | "exclude" | "format" | "read_from" | "time_zone"> & {
  readonly multiline?: z.output<typeof multilineSchema> | undefined;
};

function isExpression(pattern: string): boolean {
  return !("error" in compileExpression(pattern));
}

function isTimeZone(name: string): boolean {
  if (name === LOCAL_TIME_ZONE) return true;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
