/**
 * Error logs of nginx and of Apache.
 *
 * nginx writes the address of the client behind its own words, which may hold a path of the client's choosing: where two places could
 * be that address, neither is taken.
 */

import { addSource, isAddress, plainAddress, portIn } from "./address.ts";
import { type Decoder, type FieldsInTheMaking, UNKNOWN_KIND } from "./source_line.ts";
import { fourDigits, monthAt, twoDigits, withinHourMs, type Zone } from "./stamp.ts";

const OPEN = 91;

const LEVELS = new Set([
  "emerg",
  "alert",
  "crit",
  "error",
  "warn",
  "notice",
  "info",
  "debug",
  "trace1",
  "trace2",
  "trace3",
  "trace4",
  "trace5",
  "trace6",
  "trace7",
  "trace8",
]);

/** What a line told: its kind, and when it was written where it says so. */
export interface WebError {
  readonly kind: string;
  readonly timeMs: number | undefined;
}

/** Whether a line looks like one of an error log: nginx's time, or Apache's. */
export function isWebError(text: string): boolean {
  return text.charCodeAt(0) === OPEN ? isApache(text) : isNginx(text);
}

function isNginx(text: string): boolean {
  return text.charCodeAt(4) === 47 && text.charCodeAt(7) === 47 && text.startsWith(" [", 19) && fourDigits(text, 0) > 0;
}

function isApache(text: string): boolean {
  const close = text.indexOf("]");
  return close !== -1 && (apacheStamp(text, close) || LEVELS.has(text.slice(1, close)));
}

/** `[Fri Dec 13 06:59:54 2013]`, `[Tue Sep 30 11:30:13.262255 2014]`. */
function apacheStamp(text: string, close: number): boolean {
  return close >= 25 && close <= 35 && monthAt(text, 5) >= 0 && text.charCodeAt(14) === 58;
}

/** A decoder of error logs. Lines that are none are `log.line`. */
export function createErrorDecoder(zone: Zone): Decoder {
  return {
    decode({ text, at, observedMs }, into) {
      const fields: FieldsInTheMaking = { message: text };
      const { kind, timeMs = observedMs } = decodeWebError(text, zone, fields);
      into.push({ kind, timeMs, fields, at, index: 0 });
    },
    flush() {},
    heldFrom: () => undefined,
  };
}

/** Reads a line of an error log into fields. */
export function decodeWebError(text: string, zone: Zone, fields: FieldsInTheMaking): WebError {
  if (text.charCodeAt(0) === OPEN) return isApache(text) ? decodeApache(text, zone, fields) : UNKNOWN;
  return isNginx(text) ? decodeNginx(text, zone, fields) : UNKNOWN;
}

const UNKNOWN: WebError = { kind: UNKNOWN_KIND, timeMs: undefined };

/** `2014/12/30 06:07:37 [error] 80#2: *7 WORDS, client: ..., server: ..., request: "...", host: "..."`. */
function decodeNginx(text: string, zone: Zone, fields: FieldsInTheMaking): WebError {
  const close = text.indexOf("]", 21);
  const timeMs = timeOf(zone, fourDigits(text, 0), twoDigits(text, 5) - 1, twoDigits(text, 8), text, 11);
  if (close === -1 || timeMs === undefined) return UNKNOWN;
  fields["process.name"] = "nginx";
  fields["log.level"] = text.slice(21, close);
  const process = /^ (\d{1,9})[#:](\d{1,9}):? ?/.exec(text.slice(close + 1, close + 24));
  const start = close + 1 + (process?.[0].length ?? 0);
  if (process !== null) {
    fields["process.pid"] = Number(process[1]);
    fields["process.thread.id"] = Number(process[2]);
  }
  const message = text.slice(start);
  fields["message"] = message;
  addNginxClient(message, fields);
  return { kind: nginxKind(message, fields), timeMs };
}

function timeOf(zone: Zone, year: number, month: number, day: number, text: string, at: number): number | undefined {
  const hour = twoDigits(text, at);
  const withinMs = withinHourMs(text, at);
  if (year < 0 || month < 0 || month > 11 || day < 1 || day > 31 || hour < 0 || hour > 23 || withinMs < 0) {
    return undefined;
  }
  const hourMs = zone.hourMs(year, month, day, hour);
  return Number.isNaN(hourMs) ? undefined : hourMs + withinMs;
}

const CLIENT = ", client: ";

function addNginxClient(message: string, fields: FieldsInTheMaking): void {
  let found: string | undefined;
  for (let at = message.indexOf(CLIENT); at !== -1; at = message.indexOf(CLIENT, at + 1)) {
    const start = at + CLIENT.length;
    const comma = message.indexOf(",", start);
    const address = message.slice(start, comma === -1 ? message.length : comma);
    if (found !== undefined && found !== address) return;
    if (!isAddress(address)) continue;
    found = address;
  }
  if (found === undefined) return;
  fields["source.ip"] = plainAddress(found);
  addNginxRequest(message, fields);
}

/** `, server: NAME, request: "METHOD URL HTTP/1.1"` behind the client. */
function addNginxRequest(message: string, fields: FieldsInTheMaking): void {
  const found = /, server: ([^,]{0,255}), request: "([A-Z]{1,32}) (\S{1,8192}) HTTP\/([\d.]{1,4})"/.exec(message);
  if (found === null) return;
  const [, server = "", method = "", url = "", version = ""] = found;
  if (server !== "" && server !== "_") fields["url.domain"] = server;
  fields["http.request.method"] = method;
  fields["url.original"] = url;
  fields["http.version"] = version;
}

/** Of a connection's messages the number comes first: `*7 user "bob": password mismatch, client: ...`. */
function nginxKind(message: string, fields: FieldsInTheMaking): string {
  const found = /^(?:\*\d{1,20} )?user "([^"]{0,1000})"(?:: password mismatch| was not found in )/.exec(message);
  if (found === null) return "web.error";
  fields["user.name"] = found[1] ?? "";
  fields["event.outcome"] = "failure";
  return "authentication.failure";
}

/** `[TIME] [[MODULE:]LEVEL] [pid N[:tid N]] [client ADDRESS[:PORT]] WORDS`, each of them but the level sometimes missing. */
function decodeApache(text: string, zone: Zone, fields: FieldsInTheMaking): WebError {
  let at = text.indexOf("]") + 1;
  let timeMs: number | undefined;
  if (apacheStamp(text, at - 1)) {
    timeMs = timeOf(zone, fourDigits(text, at - 5), monthAt(text, 5), twoDigits(text, 9), text, 12);
    const fraction = text.charCodeAt(20) === 46 ? Number(`0${text.slice(20, at - 6)}`) : 0;
    if (timeMs === undefined || Number.isNaN(fraction)) return UNKNOWN;
    timeMs += fraction * 1000;
  } else at = 0;
  fields["process.name"] = "apache";
  for (;;) {
    const start = text.charCodeAt(at) === 32 ? at + 1 : at;
    const close = text.charCodeAt(start) === OPEN ? text.indexOf("]", start) : -1;
    if (close === -1 || !addApachePart(text.slice(start + 1, close), fields)) break;
    at = close + 1;
  }
  const message = text.slice(text.charCodeAt(at) === 32 ? at + 1 : at);
  fields["message"] = message;
  const code = /^(AH\d{5}): /.exec(message)?.[1];
  if (code !== undefined) fields["event.code"] = code;
  return { kind: apacheKind(message, code, fields), timeMs };
}

function addApachePart(part: string, fields: FieldsInTheMaking): boolean {
  if (part.startsWith("client ")) addClient(part.slice(7), fields);
  else if (part.startsWith("remote ")) addClient(part.slice(7), fields);
  else if (part.startsWith("pid ")) addProcess(part.slice(4), fields);
  else {
    const colon = part.indexOf(":");
    const level = part.slice(colon + 1);
    if (fields["log.level"] !== undefined || !LEVELS.has(level)) return false;
    fields["log.level"] = level;
    if (colon > 0) fields["apache.module"] = part.slice(0, colon);
  }
  return true;
}

/** `20101`, `20101:tid 139`. */
function addProcess(text: string, fields: FieldsInTheMaking): void {
  const [pid, thread] = text.split(":tid ");
  if (/^\d{1,9}$/.test(pid ?? "")) fields["process.pid"] = Number(pid);
  if (/^\d{1,15}$/.test(thread ?? "")) fields["process.thread.id"] = Number(thread);
}

/** `ADDRESS`, or `ADDRESS:PORT`. */
function addClient(text: string, fields: FieldsInTheMaking): void {
  const colon = text.lastIndexOf(":");
  const port = portIn(text, colon + 1, text.length);
  const address = text.slice(0, colon);
  const isIpv4 = text.indexOf(":") === colon;
  // The last group of an IPv6 address may look like a port: 2.4 always writes one, and then without it there is an address still.
  if (
    colon > 0 && port >= 0 && (isIpv4 || !isAddress(text) || fields["apache.module"] !== undefined) &&
    isAddress(address)
  ) {
    fields["source.port"] = port;
    addSource(fields, address);
  } else addSource(fields, text);
}

/** What Apache's modules for passwords say, by the number of the message where they have one. */
const REFUSED: readonly RegExp[] = [
  /^user (.{1,1000}): authentication failure for "/s,
  /^user (.{1,1000}) not found: /s,
  /^user `?(.{1,1000}?)'? in realm `.*' not found: /s,
];

const REFUSED_CODES = new Set(["AH01617", "AH01618", "AH01790", "AH01794"]);

function apacheKind(message: string, code: string | undefined, fields: FieldsInTheMaking): string {
  if (code !== undefined && !REFUSED_CODES.has(code)) return "web.error";
  const text = code === undefined ? message : message.slice(9);
  const user = REFUSED.map((pattern) => pattern.exec(text)?.[1]).find((name) => name !== undefined);
  if (user === undefined) return "web.error";
  fields["user.name"] = user;
  fields["event.outcome"] = "failure";
  return "authentication.failure";
}
