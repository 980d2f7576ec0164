/** Native rules as JSON Schema. */

import type { KindDescription } from "../../core/collector.ts";
import { LEVELS, WEIGHT_BY_LEVEL } from "../../core/detection.ts";
import { FIELDS, type FieldType } from "../../core/fields.ts";
import { DECORATOR_NAMES, DECORATORS_MAX } from "../decorators.ts";
import { LIST_VALUES_MAX } from "../leaf.ts";
import { CONDITIONS_MAX, NAME_LENGTH_MAX } from "../native/condition_reader.ts";
import { GROUP_FIELDS_MAX } from "../native/correlate_reader.ts";
import { DATE, ENTITY_FIELD, LIST_MAX, MESSAGE_MAX, STATUSES, TAG, TEXT_MAX, TITLE_MAX } from "../native/mod.ts";
import { BASELINE_MINIMUM, BASELINE_MINIMUM_MAX, GROUPS_MAX, PATTERNS } from "../native/pattern_reader.ts";
import { KIND, KINDS_MAX, SELECTION_NAME, SELECTIONS_MAX } from "../native/selection_reader.ts";
import { TEST_EVENTS_MAX, TESTS_MAX } from "../native/test_reader.ts";
import { OPERATORS } from "../operators.ts";
import { DIRECTIONS, RULE_ID } from "../rule.ts";
import { EVENT_FACTS } from "../subject.ts";
import { FIELD_MEASURES, PATTERN_MEASURES, SELECTION_MEASURES } from "../window_fact.ts";
import {
  described,
  DURATION,
  FIELD_VALUE,
  formOf,
  type JsonSchema,
  listOf,
  mappingOf,
  offered,
  oneOrMore,
  ref,
  textOf,
} from "./forms.ts";

/** A rule as `src/rules/README.md` describes it. */
export const NATIVE_RULE: JsonSchema = mappingOf(
  {
    id: described("Its own among all rules; letters, digits and hyphens", formOf(RULE_ID)),
    title: described("What it finds, in a line", textOf(TITLE_MAX)),
    description: described("What it finds and how, for the reader", textOf(TEXT_MAX)),
    level: described("How bad it is, in Sigma's words", { enum: LEVELS }),
    weight: described(`Its share of a score. By default ${weights()}`, { type: "number", minimum: 0, maximum: 1 }),
    tags: described("Sigma's tags: attack.t1110.001, cve.2024-3094, ...", listOf(formOf(TAG), 0, LIST_MAX)),
    select: described("Selections of events, by names of your own", {
      type: "object",
      minProperties: 1,
      maxProperties: SELECTIONS_MAX,
      propertyNames: formOf(SELECTION_NAME),
      additionalProperties: ref("selection"),
    }),
    correlate: described("How selections are put together; left out: each selected event fires", ref("correlate")),
    when: described("On the window's facts; left out: every selection was met", ref("windowCondition")),
    suppress: described("How long a group is silent after it fired. By default 0s", DURATION),
    entities: described(
      "Fields whose values it counts for: host.name, addresses (....ip), users (....user.name)",
      oneOrMore(formOf(ENTITY_FIELD), GROUP_FIELDS_MAX),
    ),
    message: described("What a detection says; {field} or {window fact} stands for a value", textOf(MESSAGE_MAX)),
    strength: described("Counts fact / at times, at least once, at most max times", ref("strength")),
    tests: described("When it fires, and when it does not", listOf(ref("test"), 0, TESTS_MAX)),
    author: described("For the reader", textOf(TITLE_MAX)),
    references: described("For the reader: addresses of pages", listOf(textOf(TEXT_MAX), 0, LIST_MAX)),
    status: described("For the reader", { enum: STATUSES }),
    date: described("For the reader: YYYY-MM-DD", formOf(DATE)),
    "false-positives": described("For the reader: what else may look so", listOf(textOf(TEXT_MAX), 0, LIST_MAX)),
  },
  ["id", "title", "level", "select"],
  { dependencies: { when: ["correlate"] } },
);

function weights(): string {
  return LEVELS.map((level) => `${WEIGHT_BY_LEVEL[level]} (${level})`).join(", ");
}

/** What {@linkcode NATIVE_RULE} refers to. `kinds` are those that editors offer; any other is taken too. */
export function nativeDefinitions(kinds: readonly KindDescription[]): Readonly<Record<string, JsonSchema>> {
  return {
    field: offered([...EVENT_FACTS, ...fieldNames()], textOf(NAME_LENGTH_MAX)),
    kind: offered(kinds.map(({ kind }) => kind), formOf(KIND)),
    selection: SELECTION,
    operator: operatorSchema(),
    value: VALUE,
    windowFact: described("<selection>.<measure>, or <selection>.<measure>.<field>", formOf(windowFactForm())),
    eventCondition: conditionSchema("eventCondition", ref("field")),
    windowCondition: conditionSchema("windowCondition", ref("windowFact")),
    correlate: CORRELATE,
    baseline: BASELINE,
    strength: STRENGTH,
    test: TEST,
    testEvent: TEST_EVENT,
    fields: fieldsSchema(),
  };
}

function fieldNames(): readonly string[] {
  return FIELDS.map(({ name }) => name).filter((name) => !EVENT_FACTS.some((fact) => fact === name));
}

/** The name of a selection of the rule. */
const SELECTION_REFERENCE: JsonSchema = formOf(SELECTION_NAME);

const SELECTION: JsonSchema = mappingOf(
  {
    kind: described("Kinds of events it takes", oneOrMore(ref("kind"), KINDS_MAX)),
    rule: described("Id of a rule whose matches, suppressed or not, are its events", formOf(RULE_ID)),
    where: described("What an event must be like", ref("eventCondition")),
  },
  [],
  { minProperties: 1 },
);

/** Names as they are, which editors offer, or with decorators before them. */
function operatorSchema(): JsonSchema {
  const names = OPERATORS.map(({ name }) => name);
  const decorators = `(?:(?:${DECORATOR_NAMES.join("|")}):){1,${DECORATORS_MAX}}`;
  const decorated = formOf(new RegExp(`^${decorators}(?:${names.join("|")})$`));
  return described(
    `An operator; before it may stand decorators with colons: ${DECORATOR_NAMES.join(", ")}`,
    offered(names, decorated),
  );
}

const VALUE: JsonSchema = {
  description:
    "What the fact is held against: a value, a list, {fact: name} for another fact's value, or {list: name} for a " +
    "configured list, with a default",
  anyOf: [
    { type: ["string", "number", "boolean", "null"] },
    { type: "array", items: { type: ["string", "number", "boolean", "null"] }, maxItems: LIST_VALUES_MAX },
    mappingOf({ fact: textOf(NAME_LENGTH_MAX) }, ["fact"]),
    mappingOf({ list: textOf(NAME_LENGTH_MAX), default: { type: "array", maxItems: LIST_VALUES_MAX } }, ["list"]),
  ],
};

function windowFactForm(): RegExp {
  const selection = SELECTION_NAME.source.replace(/^\^|\$$/g, "");
  const measures = [...FIELD_MEASURES, "p[1-9]\\d?"].join("|");
  const own = [...SELECTION_MEASURES, ...Object.keys(PATTERN_MEASURES)].join("|");
  return new RegExp(`^${selection}\\.(?:${own}|(?:${measures})\\..+)$`);
}

/** json-rules-engine's conditions: `all`, `any`, `not`, or a test. Which one is told by its keys, so that errors are about it. */
function conditionSchema(self: string, fact: JsonSchema): JsonSchema {
  const branch = (key: "all" | "any", description: string): JsonSchema =>
    mappingOf({ [key]: described(description, listOf(ref(self), 1, CONDITIONS_MAX)) }, [key]);
  const test = mappingOf({ fact, operator: ref("operator"), value: ref("value") }, ["fact", "operator", "value"]);
  return {
    type: "object",
    properties: { all: true, any: true, not: true, fact: true, operator: true, value: true },
    if: { type: "object", required: ["all"] },
    then: branch("all", "Every one of these holds"),
    else: {
      if: { type: "object", required: ["any"] },
      then: branch("any", "One of these holds"),
      else: {
        if: { type: "object", required: ["not"] },
        then: mappingOf({ not: described("This does not hold", ref(self)) }, ["not"]),
        else: test,
      },
    },
  };
}

const CORRELATE: JsonSchema = mappingOf(
  {
    "group-by": described(
      "Fields whose values make the group; by default the host",
      oneOrMore(ref("field"), GROUP_FIELDS_MAX),
    ),
    timespan: described("Length of the window", DURATION),
    ordered: described("Whether selections must be met in the order written", { type: "boolean" }),
    sustained: described(
      "Fires on an unbroken run of this selection, reaching back a whole timespan",
      SELECTION_REFERENCE,
    ),
    gap: described("With sustained: the longest silence within a run; by default the timespan", DURATION),
    absent: described("Fires when this selection did not come within the timespan", SELECTION_REFERENCE),
    groups: described(
      "With absent: groups that are waited for from the start on, each a value of the group-by field or a mapping of them",
      listOf({ anyOf: [{ type: ["string", "number", "boolean"] }, { type: "object" }] }, 1, GROUPS_MAX),
    ),
    new: described("Fires on a value of this field that the group never had before", textOf(NAME_LENGTH_MAX)),
    learning: described("With new: how long a group's values are learnt first; by default 7d", DURATION),
    baseline: described("Fires on numbers far from the group's own history", ref("baseline")),
  },
  ["timespan"],
  { dependencies: patternDependencies() },
);

/** A pattern stands alone, and what says more of it stands beside it. */
function patternDependencies(): JsonSchema {
  const alone = PATTERNS.map((one) => [
    one,
    { not: { anyOf: PATTERNS.filter((other) => other !== one).map((other) => ({ required: [other] })) } },
  ]);
  return { ...Object.fromEntries(alone), gap: ["sustained"], groups: ["absent"], learning: ["new"] };
}

const BASELINE: JsonSchema = mappingOf({
  selection: described("Which selection's events; needed where there are several", SELECTION_REFERENCE),
  field: described("Field that holds the numbers", textOf(NAME_LENGTH_MAX)),
  deviations: described("How far from the median: scaled median absolute deviations", {
    type: "number",
    exclusiveMinimum: 0,
  }),
  minimum: described(`Values that the history must have first; by default ${BASELINE_MINIMUM}`, {
    type: "integer",
    minimum: 2,
    maximum: BASELINE_MINIMUM_MAX,
  }),
  history: described("How far back the history reaches; by default 7d", DURATION),
  direction: described("On which side of the history; by default either", { enum: DIRECTIONS }),
}, ["field", "deviations"]);

const STRENGTH: JsonSchema = mappingOf({
  fact: described("A field, or, of a correlation, a window fact", textOf(NAME_LENGTH_MAX)),
  at: described("The value at which it counts once", { type: "number", exclusiveMinimum: 0 }),
  max: described("How many times it counts at most", { type: "number", minimum: 1, maximum: 100 }),
}, ["fact", "at", "max"]);

const TEST: JsonSchema = mappingOf({
  name: described("What happens", textOf(256)),
  events: listOf(ref("testEvent"), 1, TEST_EVENTS_MAX),
  expect: described(
    "Exactly the firings, in order, each with what is to be checked of it; []: it stays silent",
    listOf(
      mappingOf({
        at: described("Time of the event that fires it, after the start", DURATION),
        group: described("Values of the group's fields", { type: "object", additionalProperties: FIELD_VALUE }),
        count: described("Events counted when it fired", { type: "integer", minimum: 1, maximum: TEST_EVENTS_MAX }),
      }),
      0,
      TEST_EVENTS_MAX,
    ),
  ),
}, ["name", "events", "expect"]);

const TEST_EVENT: JsonSchema = mappingOf(
  {
    at: described("After the start of the test", DURATION),
    every: described("Repeats it so often, `times` times in all", DURATION),
    times: described("How many times it happens", { type: "integer", minimum: 1, maximum: TEST_EVENTS_MAX }),
    kind: ref("kind"),
    source: described("The collector it comes from; by default test", textOf(256)),
    host: described("The host it is about; by default test-host", textOf(256)),
    fields: ref("fields"),
  },
  ["at", "kind"],
  { dependencies: { every: ["times"], times: ["every"] } },
);

/** What a field of the dictionary holds. A test may give it anything, as an event may; editors offer the names. */
function fieldsSchema(): JsonSchema {
  const properties = FIELDS.map(({ name, type, unit, description }) => {
    const holds = `${description} (${TYPE_NAMES[type]}${unit === undefined ? "" : `, ${unit}`})`;
    return [name, { description: holds }] as const;
  });
  return { type: "object", properties: Object.fromEntries(properties), patternProperties: { "": FIELD_VALUE } };
}

const TYPE_NAMES: Readonly<Record<FieldType, string>> = {
  text: "text",
  number: "number",
  boolean: "true or false",
  ip: "address",
  time: "RFC 3339 time",
  list: "list of texts",
};
