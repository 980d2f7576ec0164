/** `weir rules fields`: what rules may speak of. */

import type { Command } from "commander";
import { FIELDS } from "../core/fields.ts";
import { JournalReader } from "../journal/mod.ts";
import { KINDS } from "../pipeline/kinds.ts";
import { escapeText, printJson, printLine, printTable, warnLine } from "./output.ts";
import { type SettingsFlags, settingsOf, withData } from "./settings.ts";

interface FieldsFlags extends SettingsFlags {
  readonly json?: boolean;
  readonly seen?: boolean;
}

/** How many of the journal's newest events are looked at for the fields they carry, and how many at a time. */
const SEEN_EVENTS_MAX = 20_000;
const PAGE_EVENTS = 1_000;

export function addRulesFieldsCommand(rules: Command): void {
  withData(rules.command("fields").argument("[text]", "only names and descriptions that hold this text"))
    .option("--seen", `also the kinds of events that carry each, by the newest ${SEEN_EVENTS_MAX} in the journal`)
    .option("--json", "as one JSON object")
    .description("the fields and the kinds of events that rules may speak of")
    .action((text: string | undefined, flags: FieldsFlags) => fields(text ?? "", flags));
}

function fields(text: string, flags: FieldsFlags): void {
  const wanted = text.toLowerCase();
  const has = (...parts: string[]) => parts.some((part) => part.toLowerCase().includes(wanted));
  const found = FIELDS.filter(({ name, description }) => has(name, description));
  const kinds = KINDS.filter(({ kind, description }) => has(kind, description));
  const seen = flags.seen ? kindsByField(flags) : undefined;
  const seenIn = (name: string) => [...seen?.get(name) ?? []].sort();
  if (flags.json) {
    const json = found.map(({ name, type, unit, description }) => (
      { name, type, unit: unit ?? null, description, ...(seen === undefined ? {} : { seen_in: seenIn(name) }) }
    ));
    return printJson({ fields: json, kinds });
  }
  if (found.length + kinds.length === 0) return printLine("No field and no kind of event is like that");
  if (found.length > 0) {
    const head = ["FIELD", "HOLDS", "UNIT", "WHAT IT IS"];
    printTable(
      seen === undefined ? head : [...head, "SEEN IN"],
      found.map(({ name, type, unit, description }) => {
        const cells = [name, type, unit ?? "", description];
        return seen === undefined ? cells : [...cells, seenIn(name).join(", ")];
      }),
    );
  }
  if (kinds.length === 0) return;
  if (found.length > 0) printLine("");
  printTable(["KIND", "WHAT IT IS"], kinds.map(({ kind, description }) => [kind, description]));
}

/** The kinds of the newest events in the journal, by the fields they carry. */
function kindsByField(flags: SettingsFlags): ReadonlyMap<string, ReadonlySet<string>> {
  const reader = JournalReader.open(settingsOf(flags).config.data, {
    onBadRow: ({ table, key, reason }) => warnLine(escapeText(`${table} ${key}: ${reason}; left out`)),
  });
  const kinds = new Map<string, Set<string>>();
  try {
    let cursor: string | null | undefined;
    for (let looked = 0; looked < SEEN_EVENTS_MAX && cursor !== null; looked += PAGE_EVENTS) {
      const page = reader.events({}, { limit: PAGE_EVENTS, ...(cursor === undefined ? {} : { cursor }) });
      for (const { kind, fields } of page.items) {
        for (const name of Object.keys(fields)) {
          const of = kinds.get(name);
          if (of === undefined) kinds.set(name, new Set([kind]));
          else of.add(kind);
        }
      }
      cursor = page.next;
    }
  } finally {
    reader.close();
  }
  return kinds;
}
