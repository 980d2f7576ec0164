/** Sigma filters: conditions of one's own that are added to rules somebody else wrote (Sigma filters specification 2.1). */

import { quoteValue } from "../../core/errors.ts";
import type { Condition } from "../condition.ts";
import type { Node } from "../native/node.ts";
import type { LogSource } from "../rule.ts";
import { readSection } from "./detection.ts";
import { type Route, routeOf } from "./logsource.ts";
import type { ValueLists } from "./placeholder.ts";

/** How many rules a filter may name. */
const RULES_MAX = 10_000;

export interface FilterBody {
  readonly type: "filter";
  readonly logSource: LogSource;
  /** Ids or names of the rules it applies to; null for every rule of its log source. */
  readonly rules: readonly { readonly reference: string; readonly node: Node }[] | null;
  /** Its condition, with the fields of a rule's log source. */
  readonly conditionFor: (route: Route) => Condition | undefined;
  readonly node: Node;
}

/** Reads a `filter:` section. */
export function readFilter(
  node: Node,
  logSource: LogSource | undefined,
  valueLists: ValueLists,
): FilterBody | undefined {
  const rules = readRules(node.at("rules").required("filter"));
  const read = (route: Route) => readSection(node, ["rules"], { route, valueLists });
  const condition = logSource === undefined ? undefined : read(routeOf(logSource));
  warnOfInclusion(node.at("condition"));
  if (rules === undefined || logSource === undefined || condition === undefined) return undefined;
  const byRoute = new Map<string, Condition | undefined>();
  const conditionFor = (route: Route): Condition | undefined => {
    const known = byRoute.get(route.id);
    if (known !== undefined) return known;
    const made = read(route);
    byRoute.set(route.id, made);
    return made;
  };
  return { type: "filter", logSource, rules, conditionFor, node };
}

/** `any`, one reference, or a list of them, of which an empty one is `any`. */
function readRules(node: Node): FilterBody["rules"] | undefined {
  const { value } = node;
  if (typeof value === "string" && value.toLowerCase() === "any") return null;
  if (Array.isArray(value) && value.length === 0) return null;
  const nodes = node.oneOrMore("rules", RULES_MAX);
  const rules = nodes?.flatMap((one) => {
    const reference = one.text("rule", RULES_MAX);
    return reference === undefined ? [] : [{ reference, node: one }];
  });
  return rules?.length === nodes?.length ? rules : undefined;
}

/** What a filter names is kept, not left out, unless its condition says not: easily overlooked. */
function warnOfInclusion(node: Node): void {
  const { value } = node;
  if (typeof value !== "string" || /^[\s(]*not\b/.test(value)) return;
  const message =
    `Cannot tell whether the filter is meant so as its condition must start with "not" to leave events out` +
    `: current value is ${quoteValue(value)}`;
  node.tell("warning", message, "as it stands, the rules match only events for which it holds");
}

/** Whether a filter for one log source applies to a rule for another: what it names must be the rule's. */
export function coversLogSource(filter: LogSource, rule: LogSource): boolean {
  return (filter.category === null || filter.category === rule.category) &&
    (filter.product === null || filter.product === rule.product) &&
    (filter.service === null || filter.service === rule.service);
}
