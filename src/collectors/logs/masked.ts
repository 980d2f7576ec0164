/** Secrets that a line's text does not show: the audit log writes what holds blanks in hexadecimal, which decoding makes plain. */

import type { Masking } from "../../core/masking.ts";
import type { DecodedEvent } from "./decode/decoder.ts";

/** The kind of event whose texts may have been written so. */
const AUDIT_KIND = "audit.event";

/** Masks what decoding has brought to light. */
export function maskDecoded({ kind, fields }: DecodedEvent, { mask, maskArgs }: Masking): void {
  if (kind !== AUDIT_KIND) return;
  const args = fields["process.args"];
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === "string") fields[name] = mask(value);
  }
  if (!Array.isArray(args)) return;
  const texts = args.map(String);
  const masked = maskArgs(texts);
  fields["process.args"] = masked;
  if (fields["process.command_line"] === mask(texts.join(" "))) fields["process.command_line"] = masked.join(" ");
  masked.forEach((arg, i) => {
    if (arg !== texts[i] && fields[`audit.a${i}`] !== undefined) fields[`audit.a${i}`] = arg;
  });
}
