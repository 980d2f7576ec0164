/** One Sigma document read: a rule, a correlation or a filter, before they are put together. */

import { createHash } from "node:crypto";
import { type Level, LEVELS } from "../../core/detection.ts";
import { type Diagnostic, didYouMean, type Place, quoteValue } from "../../core/errors.ts";
import type { YamlDocument } from "../../core/yaml_document.ts";
import type { Condition } from "../condition.ts";
import { Node } from "../native/node.ts";
import type { LogSource } from "../rule.ts";
import { type CorrelationBody, readCorrelation } from "./correlation.ts";
import { readSection } from "./detection.ts";
import { type FilterBody, readFilter } from "./filter.ts";
import { type Route, routeOf } from "./logsource.ts";
import type { ValueLists } from "./placeholder.ts";

/** What every document says of itself. */
export interface Header {
  /** Its id, else its name, else one made of its file and title. */
  readonly id: string;
  /** By which correlations and filters may refer to it beside its id; null when it has none. */
  readonly name: string | null;
  readonly title: string;
  readonly description: string;
  readonly level: Level;
  readonly tags: readonly string[];
  readonly place: Place;
}

/** What a document holds beside that. */
export type Body =
  | { readonly type: "rule"; readonly logSource: LogSource; readonly route: Route; readonly where: Condition }
  | CorrelationBody
  | FilterBody;

/** A document read. One with an error keeps its id and name, so that what refers to it can say what is amiss. */
export interface SigmaDocument {
  readonly header: Header | undefined;
  /** Absent where there was an error. */
  readonly body: Body | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Level of a rule that states none. */
export const DEFAULT_LEVEL: Level = "medium";

const TITLE_MAX = 1_024;
const TEXT_MAX = 65_536;
const LIST_MAX = 1_000;
const REFERENCE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;
const REFERENCE_FORM = 'a letter or digit, then up to 99 letters, digits, "_", "." and "-", best a UUID';

/** Keys that matter to what a rule does; a rule may have others of its own. */
const WORKING_KEYS = [
  "title",
  "id",
  "name",
  "taxonomy",
  "description",
  "logsource",
  "detection",
  "level",
  "tags",
] as const;
/** Keys that tell a rule's reader where it comes from. Nothing is done with them. */
const BACKGROUND_KEYS = [
  "action",
  "author",
  "date",
  "falsepositives",
  "fields",
  "generate",
  "license",
  "modified",
  "references",
  "related",
  "scope",
  "status",
] as const;

const SECTIONS = ["detection", "correlation", "filter"] as const;

const KNOWN_KEYS: ReadonlySet<string> = new Set([...WORKING_KEYS, ...BACKGROUND_KEYS, ...SECTIONS]);

/** Reads one document. All that is wrong with it is told at once. */
export function readDocument(document: YamlDocument, valueLists: ValueLists): SigmaDocument {
  const diagnostics: Diagnostic[] = [];
  const root = new Node(document, [], document.value, diagnostics);
  const header = readHeader(root);
  const body = readBody(root, valueLists);
  const failed = diagnostics.some(({ severity }) => severity === "error");
  return {
    header: failed ? undefined : header,
    body: failed ? undefined : body,
    id: textOf(root.at("id")),
    name: textOf(root.at("name")),
    diagnostics,
  };
}

function readBody(root: Node, valueLists: ValueLists): Body | undefined {
  const sections = SECTIONS.filter((key) => root.at(key).value !== undefined);
  if (sections.length > 1) {
    const message = `Cannot read rule as it must have one of "detection", "correlation" and "filter"` +
      `: current value has ${sections.map(quoteValue).join(" and ")}`;
    root.at(sections[1] ?? "").tell("error", message, `start a document of its own with "---"`, "key");
    return undefined;
  }
  switch (sections[0]) {
    case "correlation":
      return readCorrelation(root.at("correlation"), root.at("generate"));
    case "filter":
      return readFilter(root.at("filter"), readLogSource(root.at("logsource")), valueLists);
    default:
      return readRule(root, valueLists);
  }
}

function readRule(root: Node, valueLists: ValueLists): Body | undefined {
  const logSource = readLogSource(root.at("logsource"));
  const route = routeOf(logSource ?? { category: null, product: null, service: null });
  const detection = root.at("detection").required("rule");
  if (root.at("action").value !== undefined) {
    const message = `Cannot read rule as "action" must not be there: it is no longer part of Sigma`;
    root.at("action").tell("error", message, "repeat what is common in each document", "key");
  }
  if (detection.at("timeframe").value !== undefined) {
    const message = `Cannot read detection as "timeframe" must not be there: it is no longer part of Sigma`;
    detection.at("timeframe").tell("error", message, "write a correlation document with a timespan", "key");
  }
  const where = readSection(detection, ["timeframe"], { route, valueLists });
  if (where === undefined || logSource === undefined) return undefined;
  return { type: "rule", logSource, route, where };
}

/** The log source a rule or filter names; `undefined` after saying what is wrong. */
function readLogSource(node: Node): LogSource | undefined {
  if (node.required("rule").keys("logsource") === undefined) return undefined;
  const part = (key: string): string | null => {
    const text = node.at(key).value === null ? undefined : node.at(key).text(key, TITLE_MAX);
    return text === undefined ? null : text;
  };
  const logSource = { category: part("category"), product: part("product"), service: part("service") };
  if (logSource.category !== null || logSource.product !== null || logSource.service !== null) return logSource;
  return node.refuse("logsource", 'one with a "category", a "product" or a "service"');
}

function readHeader(root: Node): Header | undefined {
  const keys = root.keys("rule");
  if (keys === undefined) return undefined;
  warnOfSlips(root, keys);
  const { value: taxonomy } = root.at("taxonomy");
  if (taxonomy !== undefined && taxonomy !== "sigma") {
    root.at("taxonomy").refuse("taxonomy", '"sigma"', "translate its fields and log sources to Sigma's own");
  }
  const title = root.at("title").required("rule").text("title", TITLE_MAX);
  const id = root.at("id").formed("id", REFERENCE, REFERENCE_FORM);
  const name = root.at("name").formed("name", REFERENCE, REFERENCE_FORM);
  const description = root.at("description").value === null ? "" : root.at("description").text("description", TEXT_MAX);
  const level = root.at("level").oneOf("level", LEVELS) ?? DEFAULT_LEVEL;
  const tags = root.at("tags").value === null ? [] : root.at("tags").list("tags", LIST_MAX, true);
  const place = root.place();
  if (title === undefined) return undefined;
  return {
    id: id ?? name ?? derivedId(place.path, title),
    name: name ?? null,
    title,
    description: description ?? "",
    level,
    tags: tags?.flatMap((tag) => tag instanceof Node ? tag.text("tag", TITLE_MAX) ?? [] : []) ?? [],
    place,
  };
}

/** Custom keys may be there; one that is nearly a key of Sigma's is more likely a slip. */
function warnOfSlips(root: Node, keys: readonly string[]): void {
  for (const key of keys) {
    if (KNOWN_KEYS.has(key)) continue;
    const meant = didYouMean(key, WORKING_KEYS);
    if (meant === undefined || keys.includes(meant)) continue;
    root.at(key).tell(
      "warning",
      `Cannot tell what ${quoteValue(key)} means as it is no key of Sigma's`,
      `did you mean "${meant}"?`,
      "key",
    );
  }
}

/** The same for the same title in the same file. */
function derivedId(path: string, title: string): string {
  return "sigma-" + createHash("sha256").update(`${path}\n${title}`).digest("hex").slice(0, 16);
}

function textOf({ value }: Node): string | undefined {
  return typeof value === "string" ? value : undefined;
}
