/** A strict reader of Prometheus' text format: refuses what a scraper might take in another way. */

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly value: number;
  }[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y;

/** @throws {Error} naming the line that is wrong. */
export function parseExposition(text: string): Map<string, Family> {
  const families = new Map<string, { type: string; help: string; samples: Family["samples"][number][] }>();
  let present = "";
  if (!text.endsWith("\n")) throw new Error("the text must end with a line feed");
  for (const line of text.slice(0, -1).split("\n")) {
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word === "HELP") {
      if (families.has(name)) throw new Error(`family twice: ${line}`);
      families.set(name, { type: "", help: rest, samples: [] });
      present = name;
    } else if (word === "TYPE") {
      const family = families.get(name);
      if (name !== present || family === undefined || family.samples.length > 0) {
        throw new Error(`TYPE astray: ${line}`);
      }
      family.type = rest;
    } else {
      families.get(present)?.samples.push(parseSample(line, present, families.get(present)?.type ?? ""));
    }
  }
  return families;
}

function parseSample(line: string, family: string, type: string): Family["samples"][number] {
  const [, name = "", inside = "", digits = ""] = SAMPLE.exec(line) ?? [];
  const names = type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => family + end) : [family];
  if (!names.includes(name)) throw new Error(`sample astray: ${line}`);
  if (type === "counter" && !name.endsWith("_total")) throw new Error(`a counter must end in _total: ${line}`);
  const value = digits === "+Inf" ? Infinity : Number(digits);
  if (Number.isNaN(value)) throw new Error(`no number: ${line}`);
  return { name, labels: parseLabels(inside, line), value };
}

function parseLabels(inside: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < inside.length;) {
    const at = LABEL.lastIndex;
    const found = LABEL.exec(inside);
    if (found === null || found.index !== at) throw new Error(`labels malformed: ${line}`);
    const [, name = "", text = ""] = found;
    if (Object.hasOwn(labels, name)) throw new Error(`label twice: ${line}`);
    labels[name] = text.replaceAll(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
  }
  return labels;
}
