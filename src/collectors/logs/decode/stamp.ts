/** The times that log lines begin with. */

/** A time without a year is the latest that is not further ahead of the clock than this: milliseconds. */
const YEARLESS_AHEAD_MAX_MS = 24 * 3_600_000;

/** So many years back there is a 29th of February, wherever one stands. */
const YEARS_BACK_MAX = 8;

/** Turns local times of one zone into milliseconds since the epoch. */
export interface Zone {
  /** Of the start of an hour; `month` is from 0, and the day exists. */
  hourMs(year: number, month: number, day: number, hour: number): number;
}

/**
 * A zone by its IANA name, this host's without one. A time that the clocks pass twice is taken as one of the two; one that they leave
 * out, as if they had not.
 *
 * @throws {RangeError} for a name that is not known.
 */
export function createZone(timeZone: string | undefined): Zone {
  if (timeZone === undefined) return { hourMs: (year, month, day, hour) => new Date(year, month, day, hour).getTime() };
  if (timeZone === "UTC") return { hourMs: (year, month, day, hour) => Date.UTC(year, month, day, hour) };
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw new RangeError(`Cannot use a time zone as it must be an IANA name: current value is ${timeZone}`);
  }
  const offsetMs = (timeMs: number) => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(timeMs)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - timeMs;
  };
  return {
    hourMs(year, month, day, hour) {
      const asUtcMs = Date.UTC(year, month, day, hour);
      return asUtcMs - offsetMs(asUtcMs - offsetMs(asUtcMs));
    },
  };
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function isDate(year: number, month: number, day: number): boolean {
  if (day < 1 || day > (DAYS[month] ?? 0)) return false;
  return month !== 1 || day < 29 || year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0);
}

/** The month (from 0) whose English abbreviation stands at a place; -1 where none does. */
export function monthAt(text: string, at: number): number {
  switch (text.charCodeAt(at) << 16 | text.charCodeAt(at + 1) << 8 | text.charCodeAt(at + 2)) {
    case 0x4a616e:
      return 0;
    case 0x466562:
      return 1;
    case 0x4d6172:
      return 2;
    case 0x417072:
      return 3;
    case 0x4d6179:
      return 4;
    case 0x4a756e:
      return 5;
    case 0x4a756c:
      return 6;
    case 0x417567:
      return 7;
    case 0x536570:
      return 8;
    case 0x4f6374:
      return 9;
    case 0x4e6f76:
      return 10;
    case 0x446563:
      return 11;
    default:
      return -1;
  }
}

/** The two digits at a place, the first of which may be a space; -1 where there are none. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  if (!(ones >= 0 && ones <= 9)) return -1;
  return tens === -16 ? ones : tens >= 0 && tens <= 9 ? tens * 10 + ones : -1;
}

/** The four digits at a place; -1 where there are none. */
export function fourDigits(text: string, at: number): number {
  if (text.charCodeAt(at) === SPACE || text.charCodeAt(at + 2) === SPACE) return -1;
  const [high, low] = [twoDigits(text, at), twoDigits(text, at + 2)];
  return high < 0 || low < 0 ? -1 : high * 100 + low;
}

const SPACE = 32;
const COLON = 58;

/** Milliseconds of the `hh:mm:ss` at a place after the hour began, a leap second counting as the one before it; -1 for none. */
export function withinHourMs(text: string, at: number): number {
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return -1;
  const [minute, second] = [twoDigits(text, at + 3), twoDigits(text, at + 6)];
  if (minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  return (minute * 60 + Math.min(second, 59)) * 1000;
}

/**
 * Reads the time at the place it is asked for, and tells where it ends. One object serves a whole stream: times of an hour that was
 * seen before cost nothing but reading their digits.
 */
export class StampReader {
  /** Of the last time read: milliseconds since the epoch, fractions kept. */
  timeMs = 0;
  /** Where the last time read ends. */
  end = 0;
  readonly #zone: Zone;
  readonly #nowMs: () => number;
  #yearlessKey = -1;
  #yearlessHourMs = 0;
  #localKey = -1;
  #localHourMs = 0;
  #utcKey = -1;
  #utcHourMs = 0;

  constructor(zone: Zone, nowMs: () => number) {
    this.#zone = zone;
    this.#nowMs = nowMs;
  }

  /** Reads a time as syslog files and messages have it, whichever of the forms it is in. */
  read(text: string, at: number): boolean {
    const month = monthAt(text, at);
    if (month >= 0) return this.#readMonthFirst(text, at, month);
    const year = fourDigits(text, at);
    if (year < 0) return false;
    if (text.charCodeAt(at + 4) !== SPACE) return this.#readIso(text, at, year);
    const named = monthAt(text, at + 5);
    return named >= 0 && text.charCodeAt(at + 8) === SPACE &&
      this.#readClock(text, at + 12, year, named, twoDigits(text, at + 9));
  }

  /** `Mmm dd hh:mm:ss` (RFC 3164), with a year after the day where one stands there. */
  #readMonthFirst(text: string, at: number, month: number): boolean {
    const day = twoDigits(text, at + 4);
    if (text.charCodeAt(at + 6) !== SPACE) return false;
    if (text.charCodeAt(at + 9) === COLON) return this.#readClock(text, at + 7, -1, month, day);
    const year = fourDigits(text, at + 7);
    return year >= 0 && text.charCodeAt(at + 11) === SPACE && this.#readClock(text, at + 12, year, month, day);
  }

  /** `hh:mm:ss` and a fraction, in the zone; `year` -1: to be told by the clock. */
  #readClock(text: string, at: number, year: number, month: number, day: number): boolean {
    const hour = twoDigits(text, at);
    const withinMs = withinHourMs(text, at);
    if (day < 1 || hour < 0 || hour > 23 || withinMs < 0) return false;
    const hourMs = year < 0 ? this.#yearless(month, day, hour) : this.#local(year, month, day, hour);
    if (Number.isNaN(hourMs)) return false;
    this.timeMs = hourMs + withinMs;
    this.end = at + 8;
    if (text.charCodeAt(at + 8) === 46) this.#addFraction(text, at + 8);
    return true;
  }

  /** `yyyy-mm-ddThh:mm:ss`, a fraction and a zone (RFC 3339, ISO 8601), or a space for the T; without a zone, this one's. */
  #readIso(text: string, at: number, year: number): boolean {
    const separator = text.charCodeAt(at + 10);
    if (text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 7) !== 45) return false;
    if (separator !== 84 && separator !== 116 && separator !== SPACE) return false;
    const [month, day, hour] = [twoDigits(text, at + 5) - 1, twoDigits(text, at + 8), twoDigits(text, at + 11)];
    const withinMs = withinHourMs(text, at + 11);
    if (!isDate(year, month, day) || hour < 0 || hour > 23 || withinMs < 0) return false;
    this.timeMs = withinMs;
    this.end = at + 19;
    const mark = text.charCodeAt(this.end);
    if (mark === 46 || mark === 44) this.#addFraction(text, this.end);
    const offsetMs = this.#readOffset(text);
    this.timeMs += Number.isNaN(offsetMs)
      ? this.#local(year, month, day, hour)
      : this.#utc(year, month, day, hour) - offsetMs;
    return true;
  }

  #addFraction(text: string, at: number): void {
    let [end, fraction, scale] = [at + 1, 0, 1];
    for (;; end++) {
      const digit = text.charCodeAt(end) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      if (scale < 1e9) [fraction, scale] = [fraction * 10 + digit, scale * 10];
    }
    if (scale === 1) return;
    this.timeMs += fraction * 1000 / scale;
    this.end = end;
  }

  /** The offset after a time: milliseconds; NaN where none is written. */
  #readOffset(text: string): number {
    const sign = text.charCodeAt(this.end);
    if (sign === 90 || sign === 122) {
      this.end++;
      return 0;
    }
    if (sign !== 43 && sign !== 45) return NaN;
    const hours = twoDigits(text, this.end + 1);
    const hasColon = text.charCodeAt(this.end + 3) === COLON;
    const minutes = twoDigits(text, this.end + (hasColon ? 4 : 3));
    if (hours < 0 || minutes < 0) return NaN;
    this.end += hasColon ? 6 : 5;
    return (sign === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  }

  #yearless(month: number, day: number, hour: number): number {
    const key = (month * 32 + day) * 24 + hour;
    if (key === this.#yearlessKey) return this.#yearlessHourMs;
    const latestMs = this.#nowMs() + YEARLESS_AHEAD_MAX_MS;
    const thisYear = new Date(latestMs).getUTCFullYear();
    for (let year = thisYear + 1; year >= thisYear - YEARS_BACK_MAX; year--) {
      if (!isDate(year, month, day)) continue;
      const hourMs = this.#zone.hourMs(year, month, day, hour);
      if (hourMs > latestMs) continue;
      this.#yearlessKey = key;
      return this.#yearlessHourMs = hourMs;
    }
    return NaN;
  }

  #local(year: number, month: number, day: number, hour: number): number {
    const key = ((year * 12 + month) * 32 + day) * 24 + hour;
    if (key === this.#localKey) return this.#localHourMs;
    if (!isDate(year, month, day)) return NaN;
    this.#localHourMs = this.#zone.hourMs(year, month, day, hour);
    this.#localKey = key;
    return this.#localHourMs;
  }

  #utc(year: number, month: number, day: number, hour: number): number {
    const key = ((year * 12 + month) * 32 + day) * 24 + hour;
    if (key === this.#utcKey) return this.#utcHourMs;
    this.#utcHourMs = Date.UTC(year, month, day, hour);
    this.#utcKey = key;
    return this.#utcHourMs;
  }
}
