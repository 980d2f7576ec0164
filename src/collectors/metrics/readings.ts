/** What the metrics are made of, whoever reads it: plain numbers, and nothing where something is not known. */

export interface CpuReading {
  /** Since the last reading: 0 to 100 of all cores together. */
  readonly percent: number;
  readonly userPercent: number;
  readonly systemPercent: number;
  readonly cores: number;
  /** Over 1, 5 and 15 minutes; absent where the system has no such thing. */
  readonly load?: readonly [number, number, number];
  readonly uptimeSeconds: number;
}

export interface MemoryReading {
  readonly totalBytes: number;
  /** What can be had without swapping, reclaimable caches included. */
  readonly availableBytes: number;
  /** 0 without swap. */
  readonly swapTotalBytes: number;
  readonly swapUsedBytes: number;
}

export interface FilesystemReading {
  readonly mountPoint: string;
  readonly device: string;
  readonly type: string;
  readonly totalBytes: number;
  readonly usedBytes: number;
  readonly freeBytes: number;
  /** Row of {@linkcode DiskReading} whose I/O is that of this mount, where that is known. */
  readonly disk?: string;
}

/** Counters of a block device. */
export interface DiskReading {
  readonly name: string;
  /** Whether it is part of another device: its I/O is told with the mounts on it, not as a disk. */
  readonly isPart: boolean;
  readonly readBytes?: number;
  readonly writeBytes?: number;
  readonly reads?: number;
  readonly writes?: number;
}

/** Counters of a network interface. */
export interface InterfaceReading {
  readonly name: string;
  readonly state: "up" | "down" | "unknown";
  readonly inBytes: number;
  readonly outBytes: number;
  readonly inErrors: number;
  readonly outErrors: number;
  readonly inDropped: number;
  readonly outDropped: number;
}

export interface ConnectionsReading {
  readonly count: number;
  readonly established: number;
  readonly listening: number;
}

/** Where readings come from. Each may fail by itself, and may take its time: whoever calls sets a deadline. */
export interface Readings {
  cpu(): Promise<CpuReading>;
  memory(): Promise<MemoryReading>;
  filesystems(): Promise<readonly FilesystemReading[]>;
  disks(): Promise<readonly DiskReading[]>;
  interfaces(): Promise<readonly InterfaceReading[]>;
  connections(): Promise<ConnectionsReading>;
}
