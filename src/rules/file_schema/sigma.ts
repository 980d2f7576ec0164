/**
 * Sigma documents as JSON Schema: enough for an editor to offer keys and to tell slips. Sigma takes keys of one's own, and so does
 * this; `rules check` reads all of it.
 */

import { LEVELS } from "../../core/detection.ts";
import { CORRELATION_TYPES, THRESHOLD_OPERATORS } from "../sigma/correlation.ts";
import { described, type JsonSchema, listOf, oneOrMore, textOf } from "./forms.ts";

const TEXT: JsonSchema = { type: "string" };
const OPTIONAL_TEXT: JsonSchema = { type: ["string", "null"] };

const HEADER: Readonly<Record<string, JsonSchema>> = {
  title: described("What it finds, in a line", textOf(1_024)),
  id: described("Its own among all rules; best a UUID", TEXT),
  name: described("By which correlations and filters may refer to it", TEXT),
  status: described("For the reader", { type: ["string", "null"] }),
  description: described("What it finds and how, for the reader", OPTIONAL_TEXT),
  level: described("How bad it is; by default medium", { enum: LEVELS }),
  tags: described("attack.t1110.001, cve.2024-3094, ...", { anyOf: [listOf(TEXT, 0, 1_000), { type: "null" }] }),
};

const LOG_SOURCE: JsonSchema = described("Where its events come from: at least one of these", {
  type: "object",
  properties: {
    category: described("process_creation, network_connection, file_event, webserver, ...", OPTIONAL_TEXT),
    product: described("linux, windows, macos, ...", OPTIONAL_TEXT),
    service: described("auditd, sshd, sudo, cron, ...", OPTIONAL_TEXT),
  },
  minProperties: 1,
});

const CONDITION: JsonSchema = described(
  "Names of detections with and, or, not and brackets; 1 of name*, all of them",
  oneOrMore(textOf(65_536), 1_000),
);

/** A rule, a correlation or a filter of Sigma 2.1, told apart by the key each must have. */
export const SIGMA_RULE: JsonSchema = {
  type: "object",
  properties: {
    ...HEADER,
    logsource: LOG_SOURCE,
    detection: described("What to look for, by names of your own, and a condition on them", {
      type: "object",
      properties: { condition: CONDITION },
      required: ["condition"],
      minProperties: 2,
    }),
  },
  required: ["title", "logsource", "detection"],
};

export const SIGMA_CORRELATION: JsonSchema = {
  type: "object",
  properties: { ...HEADER, correlation: correlationSchema() },
  required: ["title", "correlation"],
};

export const SIGMA_FILTER: JsonSchema = {
  type: "object",
  properties: {
    ...HEADER,
    logsource: LOG_SOURCE,
    filter: described("What to leave out of rules that somebody else wrote", {
      type: "object",
      properties: {
        rules: described("Ids or names of the rules, or any", oneOrMore(TEXT, 10_000)),
        condition: CONDITION,
      },
      required: ["rules", "condition"],
    }),
  },
  required: ["title", "logsource", "filter"],
};

function correlationSchema(): JsonSchema {
  const thresholds = Object.fromEntries(THRESHOLD_OPERATORS.map((operator) => [operator, { type: "number" }]));
  return {
    type: "object",
    properties: {
      type: described("What is counted, measured or put together", { enum: CORRELATION_TYPES }),
      rules: described("Ids or names of the rules whose matches it takes", oneOrMore(TEXT, 1_000)),
      "group-by": described("Fields whose values make the group; left out: all events together", {
        anyOf: [oneOrMore(TEXT, 16), { type: "null" }],
      }),
      timespan: described("A number and one of s, m, h, d, w, M, y", {
        type: "string",
        pattern: "^\\d{1,9}[smhdwMy]$",
      }),
      condition: described("A threshold such as {gte: 5}; of the temporal types also names of rules", {
        anyOf: [
          TEXT,
          {
            type: "object",
            properties: { ...thresholds, field: TEXT, percentile: { type: "integer", minimum: 0, maximum: 100 } },
            additionalProperties: false,
          },
        ],
      }),
      aliases: described("By alias, by rule: the field it stands for", {
        type: ["object", "null"],
        additionalProperties: { type: "object", additionalProperties: TEXT },
      }),
      generate: described("Whether the rules it names also fire by themselves", { type: "boolean" }),
    },
    required: ["type", "timespan"],
    additionalProperties: false,
  };
}
