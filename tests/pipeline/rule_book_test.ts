/** Rules loaded again and again from files that change: what goes live, what stays, and what is said. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { formatDiagnostic } from "../../src/core/errors.ts";
import { configSchema } from "../../src/config/schema.ts";
import { createRuleLibrary, loadRuleBook, type RuleBook, type RuleLibrary } from "../../src/pipeline/rule_book.ts";
import { NO_TUNING, type Tuning } from "../../src/rules/tuning.ts";

const { correlate, score } = configSchema.parse({});
const config = { correlate, score };

/** A folder of rules, and the library of them. */
interface Desk {
  readonly folder: string;
  readonly library: RuleLibrary;
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  load(tuning?: Tuning): Promise<RuleBook>;
  /** What is said, without the folder. */
  told(book: RuleBook): string[];
}

async function withDesk(work: (desk: Desk) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const library = createRuleLibrary([folder], config);
  try {
    await work({
      folder,
      library,
      write: (name, text) => Deno.writeTextFile(`${folder}/${name}`, text),
      remove: (name) => Deno.remove(`${folder}/${name}`),
      load: (tuning) => library.load(tuning),
      told: ({ diagnostics }) => diagnostics.map((one) => formatDiagnostic(one).replaceAll(`${folder}/`, "")),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Parts {
  readonly level?: string;
  readonly select?: string;
  readonly tests?: string;
}

const rule = (id: string, { level = "low", select = "{ kind: process.start }", tests = "" }: Parts = {}) =>
  `id: ${id}\ntitle: Title\nlevel: ${level}\nselect: { s: ${select} }\n${tests}`;

const failing = "tests: [{ name: t, events: [{ at: 0s, kind: process.start }], expect: [] }]\n";
const passing = "tests: [{ name: t, events: [{ at: 0s, kind: process.start }], expect: [{ at: 0s }] }]\n";

const ids = ({ rules }: RuleBook) => rules.map(({ id }) => id);
const levelOf = ({ rules }: RuleBook, id: string) => rules.find((one) => one.id === id)?.level;

Deno.test("nothing has changed: the same book; something has: what has not is the same object", () =>
  withDesk(async ({ write, load }) => {
    await write("a.yaml", rule("a"));
    await write("b.yaml", rule("b"));
    const first = await load();
    strictEqual(await load(), first);
    await write("b.yaml", rule("b", { level: "critical" }));
    const second = await load();
    ok(second !== first);
    strictEqual(second.rules[0], first.rules[0]);
    deepStrictEqual([levelOf(first, "b"), levelOf(second, "b")], ["low", "critical"]);
  }));

Deno.test("what is broken keeps its last good version until it is mended, and goes with its file", () =>
  withDesk(async ({ write, remove, load, told }) => {
    await write("a.yaml", rule("a"));
    await write("b.yaml", rule("b"));
    await load();
    await write("a.yaml", rule("a", { level: "hihg" }));
    await write("b.yaml", rule("b", { level: "high" }));
    const broken = await load();
    deepStrictEqual([ids(broken), levelOf(broken, "a"), levelOf(broken, "b")], [["a", "b"], "low", "high"]);
    deepStrictEqual(broken.kept, ["a"]);
    deepStrictEqual(told(broken), [
      'a.yaml:3:8: error: Cannot read level as it must be one of those known: current value is "hihg" (did you mean "high"?)',
    ]);
    await write("c.yaml", rule("c"));
    deepStrictEqual((await load()).kept, ["a"]);
    await write("a.yaml", rule("a", { level: "medium" }));
    const mended = await load();
    deepStrictEqual([levelOf(mended, "a"), mended.kept, mended.diagnostics], ["medium", [], []]);
    await remove("a.yaml");
    deepStrictEqual(ids(await load()), ["b", "c"]);
  }));

Deno.test("what was never good is left out, and only that", () =>
  withDesk(async ({ write, load, told }) => {
    await write("a.yaml", rule("a", { level: "none" }));
    await write("b.yaml", rule("b"));
    const book = await load();
    deepStrictEqual([ids(book), book.kept, told(book).length], [["b"], [], 1]);
    await write("b.yaml", rule("b", { level: "high" }));
    deepStrictEqual(ids(await load()), ["b"]);
  }));

Deno.test("a failing test puts its rule back, and is told at each load until it passes", () =>
  withDesk(async ({ write, load, told }) => {
    await write("a.yaml", rule("a", { tests: passing }));
    await load();
    await write("a.yaml", rule("a", { level: "high", tests: failing }));
    const failed = await load();
    deepStrictEqual([levelOf(failed, "a"), failed.kept], ["low", ["a"]]);
    ok(told(failed)[0]?.startsWith('a.yaml:5:9: error: Cannot load rule as its test "t" fails: fired unexpectedly'));
    await write("b.yaml", rule("b"));
    const again = await load();
    deepStrictEqual([levelOf(again, "a"), again.kept, told(again)], ["low", ["a"], told(failed)]);
    await write("a.yaml", rule("a", { level: "high", tests: passing }));
    const mended = await load();
    deepStrictEqual([levelOf(mended, "a"), mended.kept, told(mended)], ["high", [], []]);
  }));

Deno.test("a rule on top of one that is broken goes on with that one's last good version", () =>
  withDesk(async ({ write, load, told }) => {
    await write("base.yaml", rule("base"));
    await write("top.yaml", rule("top", { select: "{ rule: base }" }));
    await load();
    await write("base.yaml", rule("base", { level: "none" }));
    const broken = await load();
    deepStrictEqual([ids(broken), broken.kept, told(broken).length], [["base", "top"], ["base"], 1]);
  }));

Deno.test("a rule on top of one that is gone is left out, and told; one that was led astray keeps its last good version", () =>
  withDesk(async ({ write, remove, load, told }) => {
    await write("base.yaml", rule("base"));
    await write("top.yaml", rule("top", { select: "{ rule: base }" }));
    await write("other.yaml", rule("other", { select: "{ rule: base }" }));
    await load();
    await write("other.yaml", rule("other", { select: "{ rule: bse }" }));
    const astray = await load();
    deepStrictEqual([ids(astray), astray.kept], [["base", "other", "top"], ["other"]]);
    deepStrictEqual(told(astray), [
      'other.yaml:4:22: error: Cannot load rule as "rule" must name one that is loaded: current value is "bse" ' +
      '(did you mean "base"?)',
    ]);
    await remove("base.yaml");
    const gone = await load();
    deepStrictEqual([ids(gone), gone.kept, told(gone).length], [[], [], 2]);
    await write("base.yaml", rule("base"));
    deepStrictEqual(ids(await load()), ["base", "top"]);
  }));

Deno.test("what rests on a rule whose test fails is left out with it, and told", () =>
  withDesk(async ({ write, load, told }) => {
    await write("base.yaml", rule("base", { tests: failing }));
    await write("top.yaml", rule("top", { select: "{ rule: base }" }));
    const book = await load();
    deepStrictEqual(ids(book), []);
    ok(told(book).includes('top.yaml:1:5: error: Cannot load rule as it refers to "base", which is left out'));
  }));

Deno.test("a file that is no YAML keeps all that was in it; a document of several, only that", () =>
  withDesk(async ({ write, load, told }) => {
    await write("a.yaml", `${rule("a1")}---\n${rule("a2")}---\n${rule("a3")}`);
    await load();
    await write("a.yaml", `${rule("a1", { level: "high" })}---\nid: [\n`);
    const broken = await load();
    deepStrictEqual(broken.rules.map(({ id, level }) => [id, level]), [["a1", "high"], ["a2", "low"], ["a3", "low"]]);
    deepStrictEqual(broken.kept, ["a2", "a3"]);
    ok(told(broken).length > 0);
    await write("a.yaml", `${rule("a1")}---\n${rule("a2", { level: "none" })}`);
    const one = await load();
    deepStrictEqual([ids(one), one.kept], [["a1", "a2"], ["a2"]]);
    await write("a.yaml", rule("a1"));
    deepStrictEqual(ids(await load()), ["a1"]);
  }));

Deno.test("an id lost in being changed does not lose the rule; one that moved to another file is not doubled", () =>
  withDesk(async ({ write, load }) => {
    await write("a.yaml", rule("a"));
    await load();
    await write("a.yaml", rule("not an id"));
    deepStrictEqual([ids(await load()), (await load()).kept], [["a"], ["a"]]);
    await write("b.yaml", rule("a", { level: "high" }));
    const moved = await load();
    deepStrictEqual([ids(moved), levelOf(moved, "a"), moved.kept], [["a"], "high", []]);
  }));

Deno.test("a second rule of one id is told, and the first stays", () =>
  withDesk(async ({ write, load, folder }) => {
    await write("b.yaml", rule("a"));
    await load();
    await write("c.yaml", rule("a", { level: "high" }));
    const book = await load();
    deepStrictEqual([ids(book), levelOf(book, "a")], [["a"], "low"]);
    deepStrictEqual(book.diagnostics.map(({ place }) => place.path), [`${folder}/c.yaml`]);
  }));

Deno.test("a folder that cannot be read keeps its rules, and is told", () =>
  withDesk(async ({ write, load, folder }) => {
    await write("a.yaml", rule("a"));
    await load();
    await Deno.rename(folder, `${folder}.away`);
    const away = await load();
    deepStrictEqual([ids(away), away.kept, away.diagnostics.length], [["a"], ["a"], 1]);
    await Deno.rename(`${folder}.away`, folder);
    const back = await load();
    deepStrictEqual([ids(back), back.kept, back.diagnostics], [["a"], [], []]);
  }));

const SIGMA = (title: string, value: string) =>
  `title: ${title}\nid: 00000000-0000-4000-8000-000000000001\nname: base\nlogsource: { category: process_creation }\n` +
  `detection: { s: { Image|endswith: ${value} }, condition: s }\n`;
const CORRELATION = "title: Many\nid: 00000000-0000-4000-8000-000000000002\ncorrelation:\n  type: event_count\n" +
  "  rules: [base]\n  group-by: [User]\n  timespan: 5m\n  condition: { gte: 3 }\n";

Deno.test("Sigma: a broken rule and the correlation on it go on as they were; an unset placeholder leaves out its rule alone", () =>
  withDesk(async ({ write, load, told }) => {
    await write("a.yml", SIGMA("A", "/a"));
    await write("b.yml", CORRELATION);
    const whole = await load();
    strictEqual(whole.rules.length, 2);
    await write("a.yml", SIGMA("A", "/a").replace("condition: s", "condition: t"));
    const broken = await load();
    deepStrictEqual([ids(broken), broken.kept, told(broken).length], [ids(whole), [ids(whole)[0]], 1]);
    await write(
      "c.yml",
      SIGMA("C", '"%x%"').replace("endswith", "expand").replaceAll("001", "003").replace("base", "c"),
    );
    const unset = await load();
    deepStrictEqual(ids(unset), ids(whole));
    ok(told(unset).some((line) => line.includes("c.yml") && line.includes("%x%")), told(unset).join("\n"));
    const lists = new Map([["x", ["/x"]]]);
    strictEqual((await load({ ...NO_TUNING, lists })).rules.length, 3);
  }));

Deno.test("own tests are of the rule as written, whatever the tuning; tuning that is wrong is told, and its rule runs", () =>
  withDesk(async ({ write, load }) => {
    await write("a.yaml", rule("a", { tests: passing }));
    const tuning = (exceptions: Record<string, unknown>[]): Tuning => ({
      ...NO_TUNING,
      tune: { a: { enabled: true, level: "high", exceptions } },
      isPartial: false,
    });
    const excepted = await load(tuning([{ fact: "event.kind", operator: "equal", value: "process.start" }]));
    deepStrictEqual([levelOf(excepted, "a"), excepted.diagnostics], ["high", []]);
    const wrong = await load(tuning([{ fact: "event.kind", operator: "eqaul", value: "process.start" }]));
    deepStrictEqual([levelOf(wrong, "a"), wrong.diagnostics.length], ["low", 1]);
    strictEqual(wrong.rules[0], (await load()).rules[0]);
  }));

Deno.test("of 3,000 files of which 5 are broken exactly those are told, in order; a change after that reads one file", () =>
  withDesk(async ({ write, load, told, folder }) => {
    const broken = [17, 404, 1_500, 2_222, 2_999];
    const name = (i: number) => `r${String(i).padStart(4, "0")}.yaml`;
    for (let i = 0; i < 3_000; i++) {
      const level = broken.includes(i) ? "none" : "low";
      await write(name(i), rule(`rule-${i}`, { level, tests: passing }));
    }
    const book = await load();
    deepStrictEqual(told(book).map((line) => line.split(":", 1)[0]), broken.map(name));
    deepStrictEqual([book.rules.length, book.files], [2_995, 3_000]);
    await write(name(1_500), rule("rule-1500", { level: "high" }));
    const again = await load();
    strictEqual(again.rules.length, 2_996);
    const changed = again.rules.filter((one) => !book.rules.includes(one));
    deepStrictEqual(changed.map(({ place }) => place.path), [`${folder}/${name(1_500)}`]);
    deepStrictEqual(again.testResults, book.testResults);
  }));

Deno.test("loaded once, without tuning", () =>
  withDesk(async ({ write, folder }) => {
    await write("a.yaml", rule("a", { tests: passing }));
    const book = await loadRuleBook([folder], config);
    deepStrictEqual([ids(book), book.testResults.map(({ ok }) => ok), book.disabled], [["a"], [true], []]);
  }));
