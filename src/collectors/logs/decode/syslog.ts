/** Lines of syslog: their header, and what the program says behind it. */

import { decodeText } from "./message.ts";
import {
  type DecodedEvent,
  type Decoder,
  type FieldsInTheMaking,
  type SourceLine,
  UNKNOWN_KIND,
} from "./source_line.ts";
import { createZone } from "./stamp.ts";
import { SyslogHeader } from "./syslog_header.ts";

/** "message repeated N times" is N more events, no more than this. */
export const REPEATS_MAX = 1_000;

/** What a message's header said, whoever read it. */
export interface MessageHeader {
  readonly timeMs: number;
  readonly host: string | undefined;
  readonly program: string | undefined;
  readonly pid: number | undefined;
}

/** A decoder of syslog lines, from files or from the network (with `<PRI>`): RFC 3164, RFC 5424, and times as RFC 3339 has them. */
export function createSyslogDecoder(timeZone: string | undefined, nowMs: () => number): Decoder {
  const header = new SyslogHeader(createZone(timeZone), nowMs);
  return {
    decode(line, into) {
      const { text } = line;
      header.read(text);
      const { program, pid, messageAt } = header;
      const message = messageAt === 0 ? text : text.slice(messageAt);
      const fields = baseFields(message, program, pid);
      if (header.priority >= 0) header.addTo(fields);
      decodeInto(message, header.timeMs ?? line.observedMs, header.host, program, fields, line, into);
    },
    flush() {},
    heldFrom: () => undefined,
  };
}

/**
 * Appends the events of a message whose header is known already, as journald's are. `fields` are added to what the message tells;
 * `line` says where it stands.
 */
export function decodeMessage(
  message: string,
  { timeMs, host, program, pid }: MessageHeader,
  fields: FieldsInTheMaking,
  line: SourceLine,
  into: DecodedEvent[],
): void {
  const all = Object.assign(baseFields(message, program, pid), fields);
  decodeInto(message, timeMs, host, program, all, line, into);
}

function baseFields(message: string, program: string | undefined, pid: number | undefined): FieldsInTheMaking {
  if (program === undefined) return { message };
  if (pid === undefined) return { message, "process.name": program };
  return { message, "process.name": program, "process.pid": pid };
}

function decodeInto(
  message: string,
  timeMs: number,
  host: string | undefined,
  program: string | undefined,
  fields: FieldsInTheMaking,
  { at }: SourceLine,
  into: DecodedEvent[],
): void {
  let count = 1;
  let kind = UNKNOWN_KIND;
  if (message.startsWith(REPEATED)) {
    const text = repeatedText(message);
    if (text !== undefined) {
      count = repeatsIn(message, fields);
      kind = decodeText(program ?? "", text, fields);
    }
  } else if (program !== undefined) {
    kind = decodeText(program, message, fields);
    if (kind === "authentication.failure" && program === "sudo") count = attemptsIn(fields);
  }
  for (let index = 0; index < count; index++) {
    into.push(host === undefined ? { kind, timeMs, fields, at, index } : { kind, timeMs, host, fields, at, index });
  }
}

/** How many attempts a line tells of. */
function attemptsIn(fields: FieldsInTheMaking): number {
  const attempts = fields["authentication.attempts"];
  return typeof attempts === "number" ? Math.min(attempts, REPEATS_MAX) : 1;
}

const REPEATED = "message repeated ";

/** The message that is repeated, of `message repeated 5 times: [ ... ]`. */
function repeatedText(message: string): string | undefined {
  const open = message.indexOf(" times: [ ", REPEATED.length);
  if (open === -1 || open > REPEATED.length + 10 || !message.endsWith("]")) return undefined;
  return message.slice(open + 10, -1);
}

/** How often, and, where that is more than is taken, how often it said. */
function repeatsIn(message: string, fields: FieldsInTheMaking): number {
  const said = Number(message.slice(REPEATED.length, message.indexOf(" ", REPEATED.length)));
  if (!Number.isSafeInteger(said) || said < 1) return 1;
  if (said > REPEATS_MAX) fields["log.repeats"] = said;
  return Math.min(said, REPEATS_MAX);
}
