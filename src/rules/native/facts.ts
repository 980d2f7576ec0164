/** Names a rule speaks of, held against what there is: fields, kinds, window facts. */

import { didYouMean, nameHint, quoteValue } from "../../core/errors.ts";
import { fieldDefinition, FIELDS, isKnownField } from "../../core/fields.ts";
import { EVENT_FACTS } from "../subject.ts";
import type { Pattern } from "../rule.ts";
import { needsNumbers, parseWindowFact, patternOf, type WindowFact, windowFactProblem } from "../window_fact.ts";
import type { Node } from "./node.ts";

/** Says where a name of a fact is wrong or doubtful. */
export type FactCheck = (name: string, node: Node, which?: "key" | "value") => void;

/** Warns of a field that no collector of Weir's fills: a slip, or one of a foreign event. */
export function checkField(name: string, node: Node, which: "key" | "value" = "value"): void {
  if (isKnownField(name) || EVENT_FACTS.some((fact) => fact === name)) return;
  const near = didYouMean(name, FIELDS.map((field) => field.name));
  node.tell(
    "warning",
    `Cannot find field ${quoteValue(name)} as it must be in the dictionary of fields`,
    near === undefined ? "only an event from elsewhere can hold it" : `did you mean "${near}"?`,
    which,
  );
}

/**
 * Refuses what is no window fact of these selections. What a pattern measures is one where the correlation has that pattern; it is
 * taken for one where the pattern, mistaken, is `undefined`.
 */
export function checkWindowFact(selections: readonly string[], pattern: Pattern | null | undefined): FactCheck {
  return (name, node) => {
    const fact = parseWindowFact(name, selections);
    if (fact === undefined) {
      const { problem, hint } = windowFactProblem(name, selections);
      node.tell("error", `Cannot read window fact as ${problem}: current value is ${quoteValue(name)}`, hint);
      return;
    }
    if (fact.field === null) return checkPatternFact(fact, pattern, node);
    checkField(fact.field, node);
    const type = fieldDefinition(fact.field)?.type;
    if (type !== undefined && type !== "number" && needsNumbers(fact.measure)) {
      const message = `Cannot read window fact as the field of "${fact.measure}" must hold numbers: current value is ` +
        `${quoteValue(fact.field)}, which holds ${type}`;
      node.tell("error", message);
    }
  };
}

function checkPatternFact({ measure, selection }: WindowFact, pattern: Pattern | null | undefined, node: Node): void {
  const needed = patternOf(measure);
  if (needed === undefined || pattern === undefined) return;
  if (pattern !== null && pattern.type === needed && pattern.selection === selection) return;
  const message = `Cannot read window fact as "${measure}" must be that of the selection that "${needed}" names: ` +
    `current value is ${quoteValue(node.value)}`;
  node.tell("error", message);
}

/** Warns of a kind that no collector yields: what waits for it never fires. */
export function checkKind(knownKinds: ReadonlySet<string> | undefined): FactCheck {
  return (kind, node) => {
    if (knownKinds === undefined || knownKinds.has(kind)) return;
    const message = `Cannot find kind ${quoteValue(kind)} as it must be one that a collector yields`;
    node.tell("warning", message, nameHint(kind, knownKinds));
  };
}
