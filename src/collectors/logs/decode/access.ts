/**
 * Access logs of web servers: the common and the combined format, with the virtual host before them or not, as nginx and Apache write
 * them. What the client sent is kept as the server wrote it, escapes included.
 */

import { addSource, isAddress, plainAddress, portIn } from "./address.ts";
import { type Decoder, type FieldsInTheMaking, UNKNOWN_KIND } from "./source_line.ts";
import { fourDigits, monthAt, twoDigits, withinHourMs } from "./stamp.ts";

const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;

/** `[10/Oct/2000:13:55:36 -0700]`. */
const STAMP_LENGTH = 28;

/** Whether a line looks like one of an access log. */
export function isAccess(text: string): boolean {
  const quote = text.indexOf('"');
  return quote > STAMP_LENGTH + 1 && stampAt(text, quote) !== -1;
}

/** A decoder of access logs. Lines that are none are `log.line`. */
export function createAccessDecoder(): Decoder {
  const decode = createAccessReader();
  return {
    decode({ text, at, observedMs }, into) {
      const fields: FieldsInTheMaking = { message: text };
      const timeMs = decode(text, fields);
      const kind = timeMs === undefined ? UNKNOWN_KIND : "web.access";
      into.push({ kind, timeMs: timeMs ?? observedMs, fields, at, index: 0 });
    },
    flush() {},
    heldFrom: () => undefined,
  };
}

/** Reads lines of an access log into fields; returns when the request came (milliseconds since the epoch), `undefined` for another line. */
export function createAccessReader(): (text: string, fields: FieldsInTheMaking) => number | undefined {
  const clock = createStampReader();
  return (text, fields) => {
    const quote = text.indexOf('"');
    const stamp = stampAt(text, quote);
    const timeMs = stamp === -1 ? NaN : clock(text, stamp + 1);
    const end = endOfQuoted(text, quote + 1);
    if (Number.isNaN(timeMs) || end === -1 || !addResult(text, end + 1, fields)) return undefined;
    addClient(text, stamp - 1, fields);
    addRequest(text, quote + 1, end, fields);
    return timeMs;
  };
}

/** Where the time before the request begins; -1 where none does. What stands before it may be a user's name, brackets included. */
function stampAt(text: string, quote: number): number {
  const start = quote - 1 - STAMP_LENGTH;
  if (start < 1 || text.charCodeAt(start) !== 91 || text.charCodeAt(quote - 2) !== 93) return -1;
  return text.charCodeAt(start + 3) === 47 && text.charCodeAt(start + 12) === 58 ? start : -1;
}

/** Reads `10/Oct/2000:13:55:36 -0700`; NaN where it is no time. */
function createStampReader(): (text: string, at: number) => number {
  let knownHour = "";
  let knownMs = NaN;
  return (text, at) => {
    const withinMs = withinHourMs(text, at + 12);
    if (withinMs < 0) return NaN;
    if (!text.startsWith(knownHour, at) || knownHour === "") {
      const hourMs = hourAt(text, at);
      if (Number.isNaN(hourMs)) return NaN;
      knownHour = text.slice(at, at + 14);
      knownMs = hourMs;
    }
    const minutes = twoDigits(text, at + 22) * 60 + twoDigits(text, at + 24);
    const sign = text.charCodeAt(at + 21);
    if (sign !== 43 && sign !== 45) return NaN;
    return knownMs + withinMs - (sign === 45 ? -1 : 1) * minutes * 60_000;
  };
}

function hourAt(text: string, at: number): number {
  const [day, month, year] = [twoDigits(text, at), monthAt(text, at + 3), fourDigits(text, at + 7)];
  const hour = twoDigits(text, at + 12);
  if (day < 1 || day > 31 || month < 0 || year < 0 || hour < 0 || hour > 23) return NaN;
  return Date.UTC(year, month, day, hour);
}

/** Where a quoted text ends; -1 where it does not. A backslash takes the next character along. */
function endOfQuoted(text: string, start: number): number {
  const quote = text.indexOf('"', start);
  if (quote === -1) return -1;
  const backslash = text.indexOf("\\", start);
  if (backslash === -1 || backslash > quote) return quote;
  for (let at = backslash; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return -1;
}

/** ` STATUS BYTES[ "REFERRER" "USER AGENT"]`. */
function addResult(text: string, at: number, fields: FieldsInTheMaking): boolean {
  if (text.charCodeAt(at) !== SPACE) return false;
  const statusEnd = endOfWord(text, at + 1);
  const status = portIn(text, at + 1, statusEnd);
  if (status < 0) return false;
  fields["http.response.status_code"] = status;
  fields["event.outcome"] = status >= 400 ? "failure" : "success";
  const bytesEnd = endOfWord(text, statusEnd + 1);
  const bytes = Number(text.slice(statusEnd + 1, bytesEnd));
  if (bytesEnd > statusEnd + 1 && Number.isSafeInteger(bytes)) fields["http.response.bytes"] = bytes;
  const referrer = addQuoted(text, bytesEnd, "http.request.referrer", fields);
  addQuoted(text, referrer, "user_agent.original", fields);
  return true;
}

function endOfWord(text: string, start: number): number {
  const end = text.indexOf(" ", start);
  return end === -1 ? text.length : end;
}

/** Adds what stands in quotes at a place, and returns where it ends. */
function addQuoted(text: string, at: number, field: string, fields: FieldsInTheMaking): number {
  if (text.charCodeAt(at) !== SPACE || text.charCodeAt(at + 1) !== QUOTE) return text.length;
  const end = endOfQuoted(text, at + 2);
  if (end === -1) return text.length;
  if (!isNil(text, at + 2, end)) fields[field] = text.slice(at + 2, end);
  return end + 1;
}

function isNil(text: string, start: number, end: number): boolean {
  return end <= start || (end === start + 1 && text.charCodeAt(start) === 45);
}

/** `[HOST[:PORT] ]ADDRESS IDENT USER`, up to the blank before the time. A user's name may hold blanks. */
function addClient(text: string, end: number, fields: FieldsInTheMaking): void {
  let at = 0;
  let space = text.indexOf(" ");
  const second = text.slice(space + 1, endOfWord(text, space + 1));
  const first = text.slice(0, space);
  if (!isAddress(first) && (isAddress(second) || /:\d{1,5}$/.test(first))) {
    addServer(first, fields);
    at = space + 1;
    space = text.indexOf(" ", at);
  }
  const client = text.slice(at, space);
  if (isAddress(client)) fields["source.ip"] = plainAddress(client);
  else addSource(fields, client);
  const ident = endOfWord(text, space + 1);
  if (ident < end && !isNil(text, ident + 1, end)) fields["user.name"] = text.slice(ident + 1, end);
}

/** The host that was asked, and its port. */
function addServer(text: string, fields: FieldsInTheMaking): void {
  const colon = text.lastIndexOf(":");
  const port = portIn(text, colon + 1, text.length);
  const hasPort = colon > 0 && port >= 0;
  fields["url.domain"] = hasPort ? text.slice(0, colon) : text;
  if (hasPort) fields["destination.port"] = port;
}

/** `METHOD URL HTTP/VERSION`. What is none of that is only in the message. */
function addRequest(text: string, start: number, end: number, fields: FieldsInTheMaking): void {
  const methodEnd = text.indexOf(" ", start);
  if (methodEnd === -1 || methodEnd >= end || !isMethod(text, start, methodEnd)) return;
  fields["http.request.method"] = text.slice(start, methodEnd);
  const last = text.lastIndexOf(" ", end - 1);
  const hasVersion = last > methodEnd && text.startsWith("HTTP/", last + 1);
  if (hasVersion) fields["http.version"] = text.slice(last + 6, end);
  addUrl(text.slice(methodEnd + 1, hasVersion ? last : end), fields);
}

function isMethod(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!((code >= 65 && code <= 90) || code === 45 || code === 95)) return false;
  }
  return end > start;
}

function addUrl(url: string, fields: FieldsInTheMaking): void {
  fields["url.original"] = url;
  const question = url.indexOf("?");
  const path = question === -1 ? url : url.slice(0, question);
  fields["url.path"] = path;
  if (question !== -1) fields["url.query"] = url.slice(question + 1);
  const dot = path.lastIndexOf(".");
  if (dot > path.lastIndexOf("/") && dot + 1 < path.length) fields["url.extension"] = path.slice(dot + 1);
}
