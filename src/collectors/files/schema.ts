/** How the collector of files is configured. */

import { z } from "zod";
import { byteSizeSchema, durationSchema } from "../../core/schema.ts";

/** What is watched by default: what decides how a Linux or macOS host behaves, as far as it is there. */
const DEFAULT_PATHS = [
  "/etc",
  "/boot",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/usr/bin",
  "/usr/sbin",
  "/usr/libexec",
  "/usr/lib32",
  "/usr/lib64",
  "/usr/lib/*-linux-*",
  "/usr/lib/systemd",
  "/usr/lib/modules",
  "/usr/lib/modules-load.d",
  "/usr/lib/sysctl.d",
  "/usr/lib/udev",
  "/usr/local/bin",
  "/usr/local/sbin",
  "/usr/local/lib/*.so*",
  "/var/spool/cron",
  "/var/spool/at",
  "~/.ssh/authorized_keys",
  "~/.ssh/authorized_keys2",
  "~/.config/systemd/user",
];

/** What is there by default and changes by itself. */
const DEFAULT_EXCLUDES = ["/etc/mtab", "/etc/adjtime", "/var/spool/cron/atspool", "__pycache__"];

const absolutePath = z.string().min(2).max(4_096)
  .regex(/^(~\/|\/)(?!.*(^|\/)\.{1,2}(\/|$))/, 'must begin with "/" or "~/" and hold no ".." or "."');

export const filesSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether it runs"),
  paths: z.array(absolutePath).max(1_000).default(DEFAULT_PATHS)
    .describe(
      "Files and folders that are watched, folders with all that is in them. `*` and `?` stand for parts of a name, `~` for each user's home folder. What is not there yet is watched for",
    )
    .meta({ examples: [["/etc", "/srv/*/bin", "~/.ssh/authorized_keys"]] }),
  exclude: z.array(z.string().min(1).max(4_096)).max(1_000).default(DEFAULT_EXCLUDES)
    .describe(
      "What is left out: a name wherever it stands, or a path with all below it; `**` stands for any number of folders",
    )
    .meta({ examples: [["*.swp", "/etc/**/cache"]] }),
  rescan_interval: durationSchema("1h", { min: "1s", max: "30d" })
    .describe("Time between looks at everything, which find what watching has missed"),
  unwatched_rescan_interval: durationSchema("5m", { min: "1s", max: "30d" })
    .describe("The same while some folders cannot be watched"),
  rehash_interval: durationSchema("1d", { min: "1s", max: "365d" })
    .describe("How often such a look reads every file again, also those whose times have not changed"),
  settle: durationSchema("200ms", { min: "10ms", max: "1m" })
    .describe("How long after the first change something is looked at: what belongs together is then told together"),
  hash_rate: byteSizeSchema("20MB", { min: "64KB" }).describe("Bytes read a second at most"),
  hash_size_max: byteSizeSchema("512MiB").describe(
    "Larger files have no hash; their times, size and owner are watched",
  ),
  files_max: z.int().min(1).max(5_000_000).default(500_000)
    .describe("How many files are looked at; more are left out, and it is said so"),
  watches_max: z.int().min(0).max(1_000_000).default(16_384)
    .describe("How many folders are watched; others are looked at every unwatched_rescan_interval"),
});

export type FilesConfig = z.output<typeof filesSchema>;
