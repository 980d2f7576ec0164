/** `weir snmp probe | walk`: what a device answers, before it is watched. */

import type { Command } from "commander";
import { stringify } from "yaml";
import { SnmpError } from "../collectors/snmp/failure.ts";
import { CATEGORIES, METRICS, objectNamed, OBJECTS } from "../collectors/snmp/objects.ts";
import { metricsOf, type Profile, PROFILES } from "../collectors/snmp/profile.ts";
import { compareOids, isOid, rowOf } from "../collectors/snmp/oid.ts";
import { poll, type Reading } from "../collectors/snmp/poll.ts";
import { selectionOf } from "../collectors/snmp/selection.ts";
import { askedAs, type DeviceAccess, openSession, type SnmpSession } from "../collectors/snmp/session.ts";
import { targetOf } from "../collectors/snmp/target.ts";
import { asText, isPresent, type Varbind } from "../collectors/snmp/varbind.ts";
import { greet, newPace } from "../collectors/snmp/walk.ts";
import { systemClock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { nameHint, quoteValue, UsageError } from "../core/errors.ts";
import { WrongError } from "./exit.ts";
import { countOption } from "./options.ts";
import { escapeText, printJson, printLine, printTable, warnLine } from "./output.ts";
import { targetAccess, type TargetFlags, withTarget } from "./snmp_target.ts";

export function addSnmpCommand(program: Command): void {
  const snmp = program.command("snmp").description("ask a device over SNMP, before it is watched");
  withTarget(snmp.command("probe").argument("<target>", "host, or host:port"))
    .description("what it answers, how fast, which profile suits it, and the configuration to paste")
    .action((target: string, flags: TargetFlags) =>
      withSession(target, flags, (session, access) => probe(session, access, flags))
    );
  withTarget(snmp.command("walk").argument("<target>", "host, or host:port"))
    .argument("<oid>", "an object identifier, or the name of a metric")
    .option("--max <count>", "values at most", countOption, 100_000)
    .option("--json", "one object a line")
    .description("everything it has below an object identifier; exit code 1 when there is nothing")
    .action((target: string, oid: string, flags: WalkFlags) =>
      withSession(target, flags, (session, access) => walk(session, access, oidOf(oid), flags))
    );
}

/** Runs `work` with a session; a device that cannot be asked is one line, and exit code 1. */
async function withSession(
  target: string,
  flags: TargetFlags,
  work: (session: SnmpSession, access: DeviceAccess) => Promise<void>,
): Promise<void> {
  const access = targetAccess(target, flags);
  try {
    const session = await openSession(access);
    try {
      await work(session, access);
    } finally {
      session.close();
    }
  } catch (error) {
    if (!(error instanceof SnmpError)) throw error;
    warnLine(escapeText(error.message));
    throw new WrongError();
  }
}

/** A probe takes no longer: milliseconds. */
const PROBE_MS = 60_000;

/** Rows asked for in one request at most. */
const REPETITIONS_MAX = 50;

/** What was answered. */
interface Answered {
  /** Names of metrics of which there was a value. */
  readonly metrics: ReadonlySet<string>;
  /** Rows of each kind of table. */
  readonly rows: ReadonlyMap<string, number>;
}

async function probe(session: SnmpSession, access: DeviceAccess, flags: TargetFlags): Promise<void> {
  const startMs = systemClock.monotonic();
  const reading = await readAll(session, access);
  const tookMs = systemClock.monotonic() - startMs;
  const answered = answeredIn(reading);
  printDevice(reading, tookMs, session.counts.sent);
  printLine("");
  printCategories(answered);
  printLine("");
  const suiting = suitingProfile(answered.metrics);
  printProfiles(answered, suiting);
  printLine("");
  printLine(`# ${suiting} suits it; into weir.yaml:`);
  const variables = variablesOf(access, flags);
  if (variables.length > 0) {
    printLine(`# (secrets are not shown: set ${variables.join(", ")}, or name a file of each as file:PATH)`);
  }
  printLine(deviceYaml(access, flags, suiting, textIn(reading, "sysName")).trimEnd());
}

/** Everything but the arguments of processes, within a minute. */
async function readAll(session: SnmpSession, access: DeviceAccess): Promise<Reading> {
  const over = new AbortController();
  systemClock.sleep(PROBE_MS, over.signal).then(() => over.signal.aborted || session.close());
  try {
    return await poll({
      session,
      asked: askedAs(access),
      selection: selectionOf(metricsOf("full"), []),
      pace: newPace(),
      repetitionsMax: REPETITIONS_MAX,
      walksMax: 1,
      clock: systemClock,
      untilMs: systemClock.monotonic() + PROBE_MS,
    });
  } finally {
    over.abort();
  }
}

function textIn({ scalars }: Reading, name: string): string | undefined {
  const varbind = scalars.get(name);
  return varbind === undefined ? undefined : asText(varbind);
}

function printDevice(reading: Reading, tookMs: number, sent: number): void {
  const text = (name: string) => textIn(reading, name) ?? "-";
  const { valuesRead, walksCut } = reading.counts;
  printTable(["", ""], [
    ["device", text("sysName")],
    ["what it is", text("sysDescr")],
    ["where", text("sysLocation")],
    ["round trip", `${reading.roundTripMs.toFixed(1)} ms`],
    ["all of it", `${formatDuration(Math.ceil(tookMs))}, ${valuesRead} values, ${sent} requests`],
    ...(walksCut > 0 ? [["not complete", `${walksCut} tables were not read to their end`]] : []),
  ]);
}

function printProfiles(answered: Answered, suiting: Profile): void {
  printTable(
    ["", "PROFILE", "ANSWERED"],
    PROFILES.map((profile) => [
      profile === suiting ? "*" : "",
      profile,
      `${answeredOf(profile, answered.metrics)} of ${metricsOf(profile).length}`,
    ]),
  );
}

function answeredIn({ scalars, tables }: Reading): Answered {
  const metrics = new Set(scalars.keys());
  const rows = new Map<string, number>();
  for (const table of tables) {
    for (const { values } of table.rows.values()) for (const name of values.keys()) metrics.add(name);
    rows.set(table.kind, table.rows.size);
  }
  return { metrics, rows };
}

function printCategories({ metrics, rows }: Answered): void {
  printTable(
    ["CATEGORY", "ANSWERED", "ROWS", "NOT ANSWERED"],
    CATEGORIES.map((category) => {
      const all = METRICS.filter((metric) => metric.category === category && metric.isOptIn !== true);
      const absent = all.filter(({ name }) => !metrics.has(name)).map(({ name }) => name);
      const kinds = new Set(all.filter(({ shape }) => shape === "column").map(({ kind }) => kind));
      const count = [...kinds].reduce((sum, kind) => sum + (rows.get(kind) ?? 0), 0);
      return [
        category,
        `${all.length - absent.length} of ${all.length}`,
        kinds.size === 0 ? "" : String(count),
        absent.join(" "),
      ];
    }),
  );
}

function answeredOf(profile: Profile, answered: ReadonlySet<string>): number {
  return metricsOf(profile).filter((name) => answered.has(name)).length;
}

/** By what it is, as what it answers shows: a host with or without interfaces, a network device, or hardly anything. */
export function suitingProfile(answered: ReadonlySet<string>): Profile {
  const isHost = answered.has("hrStorageUsed") || answered.has("laLoad1");
  if (answered.has("ifInOctets")) return isHost ? "standard" : "network";
  return isHost ? "performance" : "minimal";
}

/** Characters that would be shown as something else than what they are: a name with one of them is not pasted. */
const PLAIN = /^[\p{L}\p{N}._ ()+/@-]{1,253}$/u;

/** The device as the configuration has it. A secret given as itself is not shown: its place is. */
function deviceYaml(access: DeviceAccess, flags: TargetFlags, profile: Profile, sysName: string | undefined): string {
  const device = {
    ...(sysName !== undefined && PLAIN.test(sysName) ? { name: sysName } : {}),
    host: access.host,
    ...(access.port === 161 ? {} : { port: access.port }),
    version: access.version === "2c" ? "2c" : Number(access.version),
    ...(access.version === "3"
      ? { user: access.user, level: access.level }
      : { community: reference("community", flags) }),
    ...(access.auth === undefined
      ? {}
      : { auth: { protocol: access.auth.protocol, password: reference("authPassword", flags) } }),
    ...(access.priv === undefined
      ? {}
      : { priv: { protocol: access.priv.protocol, password: reference("privPassword", flags) } }),
    ...(access.context === undefined ? {} : { context: access.context }),
    profile,
  };
  return stringify({ collectors: { snmp: { devices: [device] } } }, { lineWidth: 0 });
}

/** Where secrets go that were not given by reference. */
const VARIABLES = {
  community: "SNMP_COMMUNITY",
  authPassword: "SNMP_AUTH_PASSWORD",
  privPassword: "SNMP_PRIV_PASSWORD",
} as const;

const isReference = (written: string | undefined) => written !== undefined && /^(?:env|file):/.test(written);

function reference(secret: keyof typeof VARIABLES, flags: TargetFlags): string {
  const written = flags[secret];
  return written !== undefined && isReference(written) ? written : `env:${VARIABLES[secret]}`;
}

/** The variables that the pasted configuration reads and that nobody may have set yet. */
function variablesOf({ version, auth, priv }: DeviceAccess, flags: TargetFlags): string[] {
  const used = version !== "3" ? ["community"] as const : [
    ...(auth === undefined ? [] : ["authPassword"] as const),
    ...(priv === undefined ? [] : ["privPassword"] as const),
  ];
  return used.filter((secret) => !isReference(flags[secret])).map((secret) => VARIABLES[secret]);
}

interface WalkFlags extends TargetFlags {
  readonly max: number;
  readonly json?: boolean;
}

function oidOf(text: string): string {
  const oid = objectNamed(text)?.oid ?? text.replace(/^\./, "");
  if (isOid(oid)) return oid;
  const known = OBJECTS.map(({ name }) => name);
  const hint = /^[A-Za-z]/.test(text) ? ` (${nameHint(text, known)})` : "";
  throw new UsageError(
    `Cannot walk as OID must be an object identifier, as 1.3.6.1.2.1.1, or the name of a metric${hint}: current value is ${
      quoteValue(text)
    }`,
  );
}

async function walk(session: SnmpSession, access: DeviceAccess, root: string, flags: WalkFlags): Promise<void> {
  let count = 0;
  for await (const varbind of valuesBelow(session, access, root)) {
    if (count === flags.max) {
      warnLine(`Stopped after ${count} values; --max takes another bound`);
      return;
    }
    count++;
    if (flags.json) printJson({ oid: varbind.oid, type: varbind.type, value: asText(varbind) ?? null });
    else printLine(escapeText(`${varbind.oid} = ${varbind.type}: ${asText(varbind) ?? ""}`));
  }
  if (count > 0) return;
  warnLine(`Nothing below ${root} at ${escapeText(targetOf(access))}`);
  throw new WrongError();
}

/** Every value below an identifier, or the one at it. Ends where the device's identifiers do not increase. */
async function* valuesBelow(session: SnmpSession, access: DeviceAccess, root: string): AsyncGenerator<Varbind> {
  await greet({ session });
  let at = root;
  for (let repetitions = REPETITIONS_MAX;;) {
    const varbinds = await after(session, access, at, repetitions);
    if (varbinds === undefined) {
      repetitions = Math.max(1, Math.floor(repetitions / 4));
      continue;
    }
    for (const varbind of varbinds) {
      if (rowOf(root, varbind.oid) === undefined || varbind.type === "end_of_mib_view") {
        if (at === root) yield* exactly(session, root);
        return;
      }
      if (compareOids(varbind.oid, at) <= 0) {
        warnLine(`Stopped as the device's identifiers do not increase: after ${at} came ${varbind.oid}`);
        return;
      }
      at = varbind.oid;
      yield varbind;
    }
    if (varbinds.length === 0) return;
  }
}

/** What comes after an identifier; `undefined` when so much of it was too much for a device that is there. */
async function after(
  session: SnmpSession,
  { version }: DeviceAccess,
  oid: string,
  repetitions: number,
): Promise<readonly Varbind[] | undefined> {
  try {
    return version === "1" ? await session.getNext([oid]) : (await session.getBulk([oid], repetitions))[0] ?? [];
  } catch (error) {
    if (!(error instanceof SnmpError)) throw error;
    if (version === "1" && error.code === "no_such_name") return [{ oid, type: "end_of_mib_view", value: null }];
    if (version === "1" || repetitions === 1 || !TOO_MUCH.includes(error.code)) throw error;
    return undefined;
  }
}

/** How devices fail that are asked for too much at once. */
const TOO_MUCH: readonly string[] = ["silent", "too_big", "malformed"];

/** The value at an identifier that is an instance itself. */
async function* exactly(session: SnmpSession, oid: string): AsyncGenerator<Varbind> {
  try {
    for (const varbind of await session.get([oid])) if (isPresent(varbind)) yield varbind;
  } catch (error) {
    if (!(error instanceof SnmpError && error.code === "no_such_name")) throw error;
  }
}
