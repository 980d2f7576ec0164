/** systemd's own messages: units that start, stop and fail. */

import type { FieldsInTheMaking } from "./source_line.ts";

/** Beginnings that name a unit, and our kinds. */
const STARTS: readonly (readonly [start: string, kind: string])[] = [
  ["Started ", "service.start"],
  ["Finished ", "service.finish"],
  ["Stopped ", "service.stop"],
  ["Failed to start ", "service.failure"],
  ["Reloading.", "service.manager_reload"],
  ["Reloading...", "service.manager_reload"],
];

/** What follows `NAME: `, and our kinds. */
const OUTCOMES: readonly (readonly [start: string, kind: string])[] = [
  ["Main process exited, ", "service.exit"],
  ["Failed with result ", "service.failure"],
  ["Unit entered failed state", "service.failure"],
  ["Scheduled restart job, ", "service.restart"],
  ["Service RestartSec=", "service.restart"],
  ["Start request repeated too quickly", "service.failure"],
  ["Consumed ", "service.usage"],
];

const UNIT = /^[\w@\\:.-]+\.(service|socket|target|timer|mount|scope|slice|path|device|swap|automount)$/;

/** The kind of a message of systemd's. */
export function decodeSystemd(message: string, fields: FieldsInTheMaking): string | undefined {
  for (const [start, kind] of STARTS) {
    if (message.startsWith(start)) return named(message.slice(start.length), kind, fields);
  }
  const colon = message.indexOf(": ");
  if (colon === -1) return undefined;
  const unit = message.slice(0, colon);
  const outcome = OUTCOMES.find(([start]) => message.startsWith(start, colon + 2));
  if (outcome === undefined || !UNIT.test(unit)) return undefined;
  fields["service.name"] = unit;
  fields["event.reason"] = message.slice(colon + 2);
  return outcome[1];
}

/** `cron.service - Regular background program.`, or only what the unit is called. */
function named(rest: string, kind: string, fields: FieldsInTheMaking): string {
  const text = rest.endsWith(".") ? rest.slice(0, -1) : rest;
  const dash = text.indexOf(" - ");
  const unit = dash === -1 ? text : text.slice(0, dash);
  if (UNIT.test(unit)) {
    fields["service.name"] = unit;
    if (dash !== -1) fields["service.description"] = text.slice(dash + 3);
  } else if (text !== "") fields["service.description"] = text;
  return kind;
}
