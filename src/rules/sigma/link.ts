/** Puts Sigma documents together: filters into the rules they apply to, correlations onto the rules they name. */

import { type Diagnostic, didYouMean, type Place, quoteValue } from "../../core/errors.ts";
import { WEIGHT_BY_LEVEL } from "../../core/detection.ts";
import type { Condition } from "../condition.ts";
import type { Rule, Selection } from "../rule.ts";
import type { CorrelationBody, RuleReference } from "./correlation.ts";
import { type Referred, toCorrelation } from "./correlation_rule.ts";
import { linked } from "./detection.ts";
import type { Body, Header, SigmaDocument } from "./document.ts";
import { coversLogSource, type FilterBody } from "./filter.ts";
import { makeTest } from "./leaf.ts";
import type { Route } from "./logsource.ts";

export interface LinkedSigma {
  readonly rules: readonly Rule[];
  /** Those of the documents, and those of their being put together. */
  readonly diagnostics: readonly Diagnostic[];
  /** Where a correlation names a rule that is none of Sigma's: it may be a native one, by its id. */
  readonly references: ReadonlyMap<Selection, Place>;
}

type Of<Type extends Body["type"]> = { readonly header: Header; readonly body: Extract<Body, { type: Type }> };

/** Rules of all documents, in their order; those left out are told of. */
export function linkSigma(documents: readonly SigmaDocument[]): LinkedSigma {
  const diagnostics = documents.flatMap((document) => document.diagnostics);
  const rules = bodies(documents, "rule");
  const filters = bodies(documents, "filter");
  warnOfSharedNames(documents, diagnostics);
  warnOfIdleFilters(filters, rules, diagnostics);
  const detections = rules.map((rule): Built => ({ ...rule, rule: detectionRule(rule, filters) }));
  const book = new Book(documents, detections);
  const correlations = linkCorrelations(bodies(documents, "correlation"), book, diagnostics);
  const silent = silentIds(correlations, book);
  const all = [...detections, ...correlations].map(({ rule }) =>
    silent.has(rule.id) ? { ...rule, silent: true } : rule
  );
  const references = new Map<Selection, Place>();
  for (const { rule, body } of correlations) {
    rule.selections.forEach((selection, index) => {
      const node = body.rules[Math.min(index, body.rules.length - 1)]?.node;
      if (node !== undefined) references.set(selection, node.place());
    });
  }
  return { rules: all, diagnostics, references };
}

/** A document made into a rule. */
interface Built {
  readonly header: Header;
  readonly rule: Rule;
}

interface BuiltCorrelation extends Built {
  readonly body: CorrelationBody;
}

function bodies<Type extends Body["type"]>(documents: readonly SigmaDocument[], type: Type): Of<Type>[] {
  return documents.flatMap(({ header, body }) =>
    header !== undefined && body?.type === type ? [{ header, body: body as Of<Type>["body"] }] : []
  );
}

function detectionRule({ header, body }: Of<"rule">, filters: readonly Of<"filter">[]): Rule {
  const conditions = filters
    .filter((filter) => appliesTo(filter.body, header, body))
    .flatMap((filter) => filter.body.conditionFor(body.route) ?? []);
  const selection: Selection = {
    name: "events",
    kinds: body.route.kinds,
    rule: null,
    logSource: body.logSource,
    ...(body.route.os === undefined ? {} : { os: body.route.os }),
    where: linked("all", [...programTest(body.route), body.where, ...conditions]),
  };
  return { ...common(header), selections: [selection], correlation: null };
}

/** What every Sigma rule has. */
function common(header: Header): Omit<Rule, "selections" | "correlation"> {
  const { id, title, description, level, tags, place } = header;
  return {
    id,
    title,
    description,
    level,
    weight: WEIGHT_BY_LEVEL[level],
    tags,
    format: "sigma",
    place,
    suppressMs: 0,
    entities: null,
    message: null,
    strength: null,
    tests: [],
  };
}

/** A log source that is one program's lines: an event that says which program it is from must be from that one. */
function programTest({ programs, fieldsOf }: Route): Condition[] {
  if (programs === undefined) return [];
  const values = programs.map((name) => ({ type: "text", text: [name], cased: false, encoding: "utf-8" }) as const);
  const field = "process.name";
  return [makeTest({
    field,
    fields: [field],
    modifiers: [],
    written: [...programs, null],
    values: [...values, { type: "null" }],
    fieldsOf,
  })];
}

function appliesTo(filter: FilterBody, header: Header, rule: Extract<Body, { type: "rule" }>): boolean {
  if (!coversLogSource(filter.logSource, rule.logSource)) return false;
  return filter.rules?.some(({ reference }) => reference === header.id || reference === header.name) ?? true;
}

/** What refers to a name that several rules have means the first. */
function warnOfSharedNames(documents: readonly SigmaDocument[], diagnostics: Diagnostic[]): void {
  const firsts = new Map<string, Header>();
  for (const { header } of documents) {
    if (header === undefined || header.name === null) continue;
    const first = firsts.get(header.name);
    if (first === undefined) firsts.set(header.name, header);
    else {
      const { path, line, column } = first.place;
      diagnostics.push({
        severity: "warning",
        place: header.place,
        message: `Cannot refer to rule by its name as that must be its own: current value is ${
          quoteValue(header.name)
        }`,
        hint: `the first is at ${path}:${line}:${column}`,
      });
    }
  }
}

/** A filter that names rules which are not there, or of another log source, filters nothing of them. */
function warnOfIdleFilters(
  filters: readonly Of<"filter">[],
  rules: readonly Of<"rule">[],
  diagnostics: Diagnostic[],
): void {
  const names = rules.flatMap(({ header }) => header.name === null ? [header.id] : [header.id, header.name]);
  for (const { body } of filters) {
    for (const { reference, node } of body.rules ?? []) {
      const named = rules.filter(({ header }) => reference === header.id || reference === header.name);
      if (named.some((rule) => appliesTo(body, rule.header, rule.body))) continue;
      const what = named.length === 0 ? "one that is loaded" : "of the filter's log source";
      const near = named.length === 0 ? didYouMean(reference, names) : undefined;
      diagnostics.push({
        severity: "warning",
        place: node.place(),
        message: `Cannot filter rule as it must be ${what}: current value is ${quoteValue(reference)}`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      });
    }
  }
}

/** Rules by id and by name, and the documents that failed. */
class Book {
  readonly #built = new Map<string, Built>();
  readonly #failed = new Set<string>();

  constructor(documents: readonly SigmaDocument[], built: readonly Built[]) {
    for (const { header, id, name } of documents) {
      if (header !== undefined) continue;
      for (const reference of [id, name]) if (reference !== undefined) this.#failed.add(reference);
    }
    for (const one of built) this.add(one);
  }

  add(built: Built): void {
    const { id, name } = built.header;
    for (const reference of name === null ? [id] : [id, name]) {
      if (!this.#built.has(reference)) this.#built.set(reference, built);
    }
  }

  find(reference: string): Built | undefined {
    return this.#built.get(reference);
  }

  /** Notes what is left out. */
  fail(header: Header): void {
    this.#failed.add(header.id);
    if (header.name !== null) this.#failed.add(header.name);
  }

  hasFailed(reference: string): boolean {
    return this.#failed.has(reference) && !this.#built.has(reference);
  }

  near(reference: string): string | undefined {
    return didYouMean(reference, this.#built.keys());
  }
}

/** Correlations in the order in which they rest on one another; what they rest on in vain is told. */
function linkCorrelations(
  correlations: readonly Of<"correlation">[],
  book: Book,
  diagnostics: Diagnostic[],
): BuiltCorrelation[] {
  const waiting = new Set(correlations);
  const pending = (reference: string) =>
    [...waiting].some(({ header }) => header.id === reference || header.name === reference);
  const built: BuiltCorrelation[] = [];
  for (let progress = true; progress;) {
    progress = false;
    for (const one of waiting) {
      if (one.body.rules.some(({ reference }) => book.find(reference) === undefined && pending(reference))) continue;
      waiting.delete(one);
      progress = true;
      const made = linkCorrelation(one, book, diagnostics);
      if (made === undefined) book.fail(one.header);
      else {
        book.add(made);
        built.push(made);
      }
    }
  }
  for (const { header, body } of waiting) {
    const names = body.rules.filter(({ reference }) => pending(reference)).map(({ reference }) =>
      quoteValue(reference)
    );
    const message = `Cannot load rule as rules must not refer to one another in a loop: current value is ` +
      `${quoteValue(header.name ?? header.id)}, which refers to ${names.join(" and ")}`;
    diagnostics.push({ severity: "error", place: body.node.at("rules").place(), message });
  }
  return correlations.flatMap((one) => built.find(({ body }) => body === one.body) ?? []);
}

function linkCorrelation(
  { header, body }: Of<"correlation">,
  book: Book,
  diagnostics: Diagnostic[],
): BuiltCorrelation | undefined {
  const before = diagnostics.length;
  const referred = body.rules.map((reference) => refer(reference, book, diagnostics));
  for (const { alias, rule: { reference, node } } of body.aliases) {
    if (body.rules.some((rule) => sameRule(rule.reference, reference, book))) continue;
    const message = `Cannot read alias ${quoteValue(alias)} as it must name one of "rules": current value is ${
      quoteValue(reference)
    }`;
    diagnostics.push({ severity: "error", place: node.place("key"), message });
  }
  const made = toCorrelation(body, referred, (reference) => book.find(reference)?.header.id ?? reference);
  if ("problem" in made) {
    const { problem: message, node, hint } = made;
    diagnostics.push({ severity: "error", place: node.place(), message, ...(hint === undefined ? {} : { hint }) });
  }
  if (diagnostics.length > before || "problem" in made) return undefined;
  return { header, body, rule: { ...common(header), ...made } };
}

function sameRule(a: string, b: string, book: Book): boolean {
  return a === b || (book.find(a) !== undefined && book.find(a) === book.find(b));
}

/** The rule a reference means. One that is not Sigma's is left for where all rules are put together, by its id. */
function refer({ reference, node }: RuleReference, book: Book, diagnostics: Diagnostic[]): Referred {
  const found = book.find(reference);
  if (found !== undefined) return { reference, id: found.header.id, rule: found.rule };
  if (book.hasFailed(reference)) {
    const message = `Cannot load rule as it refers to ${quoteValue(reference)}, which is left out`;
    diagnostics.push({ severity: "error", place: node.place(), message });
  } else {
    const near = book.near(reference);
    if (near !== undefined) {
      const message = `Cannot load rule as "rules" must name rules that are loaded: current value is ${
        quoteValue(reference)
      }`;
      diagnostics.push({ severity: "error", place: node.place(), message, hint: `did you mean "${near}"?` });
    }
  }
  return { reference, id: reference, rule: null };
}

/** Rules that only feed correlations: named by one, and by none that says they fire by themselves too. */
function silentIds(correlations: readonly BuiltCorrelation[], book: Book): Set<string> {
  const ids = (generate: boolean) =>
    correlations
      .filter(({ body }) => body.generate === generate)
      .flatMap(({ body }) => body.rules.map(({ reference }) => book.find(reference)?.header.id ?? reference));
  const loud = new Set(ids(true));
  return new Set(ids(false).filter((id) => !loud.has(id)));
}
