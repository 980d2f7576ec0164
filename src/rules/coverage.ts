/** Which of MITRE ATT&CK's techniques rules look for, by their tags: as a list, and as a layer for ATT&CK Navigator. */

import { type Level, LEVELS } from "../core/detection.ts";
import type { Rule } from "./rule.ts";

/** A technique or sub-technique that rules are tagged with. */
export interface CoveredTechnique {
  /** ATT&CK's id: `T1110`, or `T1110.001` for a sub-technique. */
  readonly id: string;
  /** In the order given. */
  readonly rules: readonly Rule[];
  /** The highest of the rules' levels. */
  readonly level: Level;
}

const TECHNIQUE_TAG = /^attack\.(t\d{4}(?:\.\d{3})?)$/i;

/** Techniques in the order of their ids. A rule counts once for each technique it is tagged with. */
export function coveredTechniques(rules: readonly Rule[]): CoveredTechnique[] {
  const found = new Map<string, Rule[]>();
  for (const rule of rules) {
    for (const id of new Set(rule.tags.flatMap(techniqueOf))) {
      const of = found.get(id);
      if (of === undefined) found.set(id, [rule]);
      else of.push(rule);
    }
  }
  return [...found].map(([id, of]) => ({ id, rules: of, level: highestLevel(of) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function techniqueOf(tag: string): string[] {
  const id = TECHNIQUE_TAG.exec(tag)?.[1];
  return id === undefined ? [] : [id.toUpperCase()];
}

function highestLevel(rules: readonly Rule[]): Level {
  return rules.reduce<Level>(
    (highest, { level }) => LEVELS.indexOf(level) > LEVELS.indexOf(highest) ? level : highest,
    "informational",
  );
}

/** How many rules a technique's comment names; how many more there are is said. */
const COMMENT_RULES_MAX = 20;

/** Versions of what the layer is written for: the file format's is 4.5, which Navigator reads from 5.0 on. */
const LAYER_VERSIONS = { attack: "16", navigator: "5.0.0", layer: "4.5" } as const;

/** From no rule to the most. */
const COLORS = ["#dbe9f6", "#08519c"] as const;

/** A technique as the layer shows it. */
interface LayerTechnique {
  readonly techniqueID: string;
  /** How many rules look for it; absent for one that is there to unfold what is under it. */
  readonly score?: number;
  readonly comment: string;
  readonly enabled: true;
  /** Whether its sub-techniques are unfolded. */
  readonly showSubtechniques: boolean;
}

/** A layer of ATT&CK Navigator (file format 4.5). */
export interface NavigatorLayer {
  readonly name: string;
  readonly versions: typeof LAYER_VERSIONS;
  readonly domain: "enterprise-attack";
  readonly description: string;
  /** In the order of their ids. */
  readonly techniques: readonly LayerTechnique[];
  readonly gradient: { readonly colors: readonly string[]; readonly minValue: number; readonly maxValue: number };
}

/** A layer in which the score of each technique is the number of its rules. */
export function navigatorLayer(techniques: readonly CoveredTechnique[], name: string): NavigatorLayer {
  const byId = new Map(techniques.map(({ id, rules }) => [id, rules]));
  const unfolded = new Set(techniques.filter(({ id }) => id.includes(".")).map(({ id }) => id.replace(/\..*/, "")));
  const rules = new Set(techniques.flatMap(({ rules }) => rules)).size;
  return {
    name,
    versions: LAYER_VERSIONS,
    domain: "enterprise-attack",
    description: `Techniques that ${rules} ${rules === 1 ? "rule looks" : "rules look"} for; ` +
      "the score is the number of rules",
    techniques: [...new Set([...byId.keys(), ...unfolded])].sort().map((id) => ({
      techniqueID: id,
      ...scoreOf(byId.get(id)),
      enabled: true,
      showSubtechniques: unfolded.has(id),
    })),
    gradient: { colors: COLORS, minValue: 0, maxValue: Math.max(1, ...techniques.map(({ rules }) => rules.length)) },
  };
}

function scoreOf(rules: readonly Rule[] | undefined): Pick<LayerTechnique, "score" | "comment"> {
  if (rules === undefined) return { comment: "" };
  const lines = rules.slice(0, COMMENT_RULES_MAX).map(({ id, level, title }) => `${id} (${level}): ${title}`);
  const more = rules.length - lines.length;
  return { score: rules.length, comment: (more > 0 ? [...lines, `and ${more} more`] : lines).join("\n") };
}
