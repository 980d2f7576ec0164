/** The native front end: rules as `src/rules/README.md` describes them. */

import { LEVELS, WEIGHT_BY_LEVEL } from "../../core/detection.ts";
import { type Diagnostic, type Place } from "../../core/errors.ts";
import { isKnownField } from "../../core/fields.ts";
import type { YamlDocument } from "../../core/yaml_document.ts";
import { type FrontEnd, type FrontEndContext, isSigma, type ReadDocument } from "../front_end.ts";
import { placeholdersOf } from "../message.ts";
import { type Rule, RULE_ID, RULE_ID_FORM, type Selection } from "../rule.ts";
import { GROUP_FIELDS_MAX, groupFieldsOf, readCorrelation, readFields, readStrength } from "./correlate_reader.ts";
import { checkField, checkKind, checkWindowFact, type FactCheck } from "./facts.ts";
import { type Mapping, Node } from "./node.ts";
import { hiddenSelections } from "./pattern_reader.ts";
import { readSelections } from "./selection_reader.ts";
import { readTests } from "./test_reader.ts";

/** Keys of a rule that say what it does. */
const WORKING_KEYS = [
  "id",
  "title",
  "description",
  "level",
  "weight",
  "tags",
  "select",
  "correlate",
  "when",
  "suppress",
  "entities",
  "message",
  "strength",
  "tests",
] as const;

/** Keys of a rule that tell its reader where it comes from, as in Sigma. Their forms are checked; nothing is done with them. */
const BACKGROUND_KEYS = ["author", "references", "status", "date", "false-positives"] as const;

/** Every key of a rule. */
export const RULE_KEYS = [...WORKING_KEYS, ...BACKGROUND_KEYS] as const;

type RuleKeys = Mapping<typeof RULE_KEYS[number]>;

export const STATUSES = ["stable", "test", "experimental", "deprecated", "unsupported"] as const;
export const TAG = /^[a-z0-9_-]+(?:\.[a-z0-9_.-]+)+$/;
export const ENTITY_FIELD = /^host\.name$|(?:^|\.)ip$|(?:^|\.)user\.(?:name|id)$/;
export const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Lengths, in characters, and how long a list may be. */
export const TITLE_MAX = 256;
export const TEXT_MAX = 65_536;
export const MESSAGE_MAX = 1_024;
export const LIST_MAX = 256;

/** Native rules: whatever is not Sigma. */
export const nativeFrontEnd: FrontEnd<ReadRule> = {
  name: "native",
  accepts: (document) => !isSigma(document),
  read(document, context) {
    const { rule, diagnostics, references } = readRule(document, context);
    const id = new Node(document, [], document.value, []).at("id").value;
    const sound = diagnostics.some(({ severity }) => severity === "error") ? undefined : rule;
    return {
      id: typeof id === "string" ? id : undefined,
      ruleId: sound?.id,
      rule: sound,
      diagnostics,
      references: new Map([...references].map(([selection, node]) => [selection, node.place()])),
    };
  },
  link(documents) {
    return {
      rules: documents.flatMap(({ rule }) => rule ?? []),
      diagnostics: [],
      references: new Map(documents.flatMap(({ references }) => [...references])),
    };
  },
};

/** A native document read: the rule, where there is no error, and where its selections name other rules. */
export interface ReadRule extends ReadDocument {
  readonly rule: Rule | undefined;
  readonly references: ReadonlyMap<Selection, Place>;
}

function readRule(
  document: YamlDocument,
  { knownKinds, valueLists }: FrontEndContext,
): { rule: Rule | undefined; diagnostics: readonly Diagnostic[]; references: ReadonlyMap<Selection, Node> } {
  const diagnostics: Diagnostic[] = [];
  const keys = new Node(document, [], document.value, diagnostics).mapping("rule", RULE_KEYS);
  if (keys === undefined) return { rule: undefined, diagnostics, references: new Map() };
  const kindCheck = checkKind(knownKinds);
  const { names, selections, references } = readSelections(keys.select.required("rule"), kindCheck, valueLists);
  const correlation = readCorrelation(keys.correlate, keys.when, names, valueLists);
  const pattern = correlation === undefined ? undefined : correlation?.pattern ?? null;
  const checkFact = keys.correlate.value === undefined ? checkField : checkWindowFact(names, pattern);
  const strength = readStrength(keys.strength, checkFact);
  const tests = readTests(keys.tests, groupFieldsOf(correlation), kindCheck);
  readBackground(keys);
  const head = readHead(keys, keys.correlate.value === undefined ? null : names, checkFact);
  if (head === undefined || correlation === undefined || strength === undefined) {
    return { rule: undefined, diagnostics, references };
  }
  const hidden = hiddenSelections(correlation?.pattern, selections, keys.correlate);
  const rule = { ...head, selections: [...selections, ...hidden], correlation, strength, tests };
  return { rule, diagnostics, references };
}

/** What a rule says of itself and of its detections. `names` are its selections' where it correlates, else null. */
function readHead(
  keys: RuleKeys,
  names: readonly string[] | null,
  checkFact: FactCheck,
): Omit<Rule, "selections" | "correlation" | "strength" | "tests"> | undefined {
  const id = keys.id.required("rule").formed("id", RULE_ID, RULE_ID_FORM);
  const title = keys.title.required("rule").text("title", TITLE_MAX);
  const level = keys.level.required("rule").oneOf("level", LEVELS);
  const weight = keys.weight.number("weight", 0, 1);
  const tags = keys.tags.list("tags", LIST_MAX, true)?.flatMap((tag) =>
    tag.formed("tag", TAG, "of the form <namespace>.<name> in lower case, such as attack.t1059") ?? []
  );
  const suppressMs = keys.suppress.duration("suppress") ?? 0;
  const description = keys.description.text("description", TEXT_MAX) ?? "";
  const entities = readEntities(keys.entities);
  const message = keys.message.text("message", MESSAGE_MAX) ?? null;
  if (message !== null) checkPlaceholders(message, keys.message, names, checkFact);
  if (id === undefined || title === undefined || level === undefined) return undefined;
  return {
    id,
    title,
    description,
    level,
    weight: weight ?? WEIGHT_BY_LEVEL[level],
    tags: tags ?? [],
    format: "native",
    place: keys.id.place(),
    suppressMs,
    entities,
    message,
  };
}

/** Fields whose values are entities: a host, an address or a user. */
function readEntities(node: Node): readonly string[] | null {
  const fields = readFields(node, "entities");
  for (const item of node.oneOrMore("entities", GROUP_FIELDS_MAX) ?? []) {
    if (typeof item.value !== "string" || ENTITY_FIELD.test(item.value)) continue;
    item.refuse("entities", `"host.name", an address (...ip) or a user (...user.name)`);
  }
  return fields ?? null;
}

/** Warns of a placeholder that nothing fills. Where a field and a window fact share a name, it is the window fact's. */
function checkPlaceholders(message: string, node: Node, names: readonly string[] | null, checkFact: FactCheck): void {
  for (const name of placeholdersOf(message)) {
    const selection = name.slice(0, Math.max(0, name.indexOf(".")));
    if (names?.includes(selection) && !isKnownField(name)) checkFact(name, node);
    else checkField(name, node);
  }
}

function readBackground(keys: RuleKeys): void {
  keys.author.text("author", TITLE_MAX);
  keys.status.oneOf("status", STATUSES);
  keys.date.formed("date", DATE, "of the form YYYY-MM-DD");
  for (const key of ["references", "false-positives"] as const) {
    for (const item of keys[key].list(`"${key}"`, LIST_MAX, true) ?? []) item.text(`"${key}"`, TEXT_MAX);
  }
}
