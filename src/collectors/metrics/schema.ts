/** What can be configured about the metrics collector. */

import { z } from "zod";
import { durationSchema } from "../../core/schema.ts";

/** Types of file systems that hold no files of their own, or are read-only images that are always full. */
export const PSEUDO_FILESYSTEMS = [
  "autofs",
  "binfmt_misc",
  "bpf",
  "cgroup",
  "cgroup2",
  "configfs",
  "debugfs",
  "devpts",
  "devtmpfs",
  "efivarfs",
  "fuse.gvfsd-fuse",
  "fuse.lxcfs",
  "fuse.portal",
  "fusectl",
  "hugetlbfs",
  "iso9660",
  "mqueue",
  "nsfs",
  "overlay",
  "proc",
  "pstore",
  "ramfs",
  "rpc_pipefs",
  "securityfs",
  "squashfs",
  "sysfs",
  "tmpfs",
  "tracefs",
] as const;

export const metricsSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether the host's metrics are watched."),
  interval: durationSchema("60s", { min: "1s", max: "1h" }).describe("Time from one sample to the next."),
  timeout: durationSchema("10s", { min: "100ms", max: "5m" })
    .describe("How long one reading (of the CPU, of the disks, ...) may take before the sample goes on without it."),
  filesystem_types_excluded: z.array(z.string()).default([...PSEUDO_FILESYSTEMS])
    .describe("Types of file systems that are left out. The root file system is always told of."),
  interfaces_excluded: z.array(z.string()).default([])
    .describe("Network interfaces that are left out, by name; a name that ends in * leaves out all that start so.")
    .meta({ examples: [["veth*", "docker0"]] }),
});

export type MetricsConfig = z.output<typeof metricsSchema>;
