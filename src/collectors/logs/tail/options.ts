/** What following files takes, and what it tells of them. */

import type { FieldValue } from "../../../core/event.ts";
import type { LogHealth } from "../health.ts";
import type { Intake } from "../intake.ts";
import type { Wanted } from "./discover.ts";
import type { OpenFile } from "./identity.ts";
import type { Records } from "./record.ts";

/** A path or pattern, and how what it stands for is read. */
export interface TailInput extends Wanted {
  /** Where a file is begun that is there when its pattern is looked for the first time. Later ones are read from their start. */
  readonly readFrom: "start" | "end";
  /** What the lines of one file go through. */
  intake(path: string): Intake;
}

/** What happened to a file, for an event about it. */
export interface Notice {
  readonly kind: "log.watched" | "log.started" | "log.rotated" | "log.truncated" | "log.removed";
  /** What tells it from any other. */
  readonly id: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

export interface FollowedOptions {
  readonly inputs: readonly TailInput[];
  readonly records: Records;
  readonly health: LogHealth;
  readonly filesMax: number;
  readonly lineBytesMax: number;
  /** How long a file is read on after it was renamed or removed and nothing came: milliseconds. */
  readonly rotatedWaitMs: number;
  /** Whether a pattern was looked for before, in this run or an earlier one. */
  isKnown(pattern: string): boolean;
  notice(notice: Notice): void;
  /** Weir's own folder, in which nothing is read. */
  readonly dataDirectory?: string | undefined;
  /** Opens a file: `openRegular`, unless a test has another. */
  readonly open?: ((path: string) => OpenFile) | undefined;
}
