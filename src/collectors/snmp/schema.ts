/** What can be configured about the SNMP collector. */

import { z } from "zod";
import { nameHint } from "../../core/errors.ts";
import { durationSchema, secretSchema } from "../../core/schema.ts";
import { isOid } from "./oid.ts";
import { CATEGORIES, METRICS, objectNamed } from "./objects.ts";
import { PROFILES } from "./profile.ts";
import { authSchema, levelSchema, missingKeys, privSchema, userSchema } from "./security_schema.ts";
import { targetOf } from "./target.ts";
import { trapsSchema } from "./trap_schema.ts";

/** Objects of the configuration's own, and devices, at most. */
const OWN_OBJECTS_MAX = 1_000;
const DEVICES_MAX = 10_000;

/** As YAML reads them, and as they are called in the program. */
const VERSIONS = { 1: "1", "2c": "2c", 3: "3" } as const;

const interval = durationSchema("60s", { min: "1s", max: "1d" });
const timeout = durationSchema("2s", { min: "50ms", max: "1m" });
const retries = z.int().min(0).max(10);
const profile = z.enum(PROFILES);
const choices = z.array(z.string().min(1).max(64));

/** A limit, as far as whole numbers are told apart. */
const limit = z.number().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER).optional();

const thresholds = z.record(
  z.string(),
  z.strictObject({
    warning: limit.describe("From this value on there is a detection of level low."),
    critical: limit.describe("From this value on there is one of level medium."),
    enabled: z.boolean().default(true).describe("false: no threshold on this metric."),
  }),
);

const deviceSchema = z.strictObject({
  name: z.string().min(1).max(253).optional()
    .describe("What its events name as the host. By default the name that the device gives itself.")
    .meta({ examples: ["core-1"] }),
  host: z.string().min(1).max(253)
    .describe("Its name or address. Of a name its IPv4 address is taken, where it has one.")
    .meta({ examples: ["10.0.0.1"] }),
  port: z.int().min(1).max(65_535).default(161).describe("Its UDP port."),
  version: z.enum({ v1: 1, v2c: "2c", v3: 3 }).default("2c").transform((version) => VERSIONS[version])
    .describe("Version of the protocol."),
  community: secretSchema().optional().describe("Of versions 1 and 2c, which cannot do without.")
    .meta({ examples: ["env:SNMP_COMMUNITY"] }),
  user: userSchema.optional().describe("Of version 3, which cannot do without."),
  level: levelSchema.optional()
    .describe("Security of version 3. By default the highest that auth and priv allow."),
  auth: authSchema.optional().describe("Authentication of version 3."),
  priv: privSchema.optional().describe("Privacy of version 3."),
  context: z.string().max(255).optional().describe("Context of version 3, where the agent has several."),
  profile: profile.optional().describe("What it is asked for; as for all when left out."),
  enable: choices.default([]).describe("Categories and metrics on besides, for this device.")
    .meta({ examples: [["processes"]] }),
  disable: choices.default([]).describe("Categories and metrics off, for this device.")
    .meta({ examples: [["cpu"]] }),
  interval: interval.unwrap().optional().describe("Time from one poll to the next; as for all when left out."),
  timeout: timeout.unwrap().optional().describe("As for all when left out."),
  retries: retries.optional().describe("As for all when left out."),
  thresholds: thresholds.default({}).describe("Thresholds for this device, by metric; those left out are as for all.")
    .meta({ examples: [{ hrProcessorLoad: { warning: 90 } }] }),
});

const objectSchema = z.strictObject({
  oid: z.string().refine(isOid, 'must be an object identifier, such as "1.3.6.1.4.1.318.1.1.1.2.2.2.0"')
    .describe("Of a scalar with its instance (.0), of a column without.")
    .meta({ examples: ["1.3.6.1.4.1.318.1.1.1.2.2.2.0"] }),
  category: z.string().regex(/^[a-z][a-z0-9_]*$/, "must be small letters, digits and _").max(64).default("custom")
    .describe("What it belongs to; a category of one's own is there by being named.").meta({ examples: ["ups"] }),
  type: z.enum(["gauge", "counter32", "counter64", "ticks", "text", "decimal"]).default("gauge")
    .describe(
      "What it is: a number, a counter (which gets a rate), hundredths of a second, a text, a number in a text.",
    ),
  unit: z.string().min(1).max(32).optional().describe("Its unit, for the reader.").meta({ examples: ["celsius"] }),
  table: z.boolean().default(false).describe("Whether it is a column of a table: an event for each row."),
  label: z.string().optional().describe(
    "Of a column: the object, a column of the same table, that says what a row is.",
  ),
});

export const snmpSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether devices are watched over SNMP; off while none is configured."),
  interval: interval.describe("Time from one poll of a device to the next."),
  profile: profile.default("standard").describe("What devices are asked for."),
  enable: choices.default([])
    .describe("Categories and metrics on besides the profile's. hrSWRunParameters is on only where named here.")
    .meta({ examples: [["processes"]] }),
  disable: choices.default([]).describe("Categories and metrics off, of the profile's and of those enabled.")
    .meta({ examples: [["cpu"]] }),
  timeout: timeout.describe("How long a request waits for its answer before it is sent again, or given up."),
  retries: retries.default(1).describe("How often a request is sent again."),
  deadline: durationSchema("30s", { min: "100ms", max: "10m" })
    .describe("How long a poll of one device may take; what was read by then is used, and marked as partial."),
  concurrency: z.int().min(1).max(1_000).default(64)
    .describe(
      "Devices read at once. As many again that are slow, and eight times as many that are silent (2,000 at most), are waited for beside.",
    ),
  walks_per_device: z.int().min(1).max(8).default(1).describe("Tables of one device walked at once."),
  repetitions_max: z.int().min(1).max(200).default(50)
    .describe("Rows asked for in one request at most. Devices that cannot keep up are asked for fewer."),
  backoff_max: durationSchema("5m", { min: "1s", max: "1d" })
    .describe("A device that does not answer is asked less and less often, and at least this often."),
  thresholds: thresholds.default({}).describe("Thresholds, by metric; those left out are as in the metric list.")
    .meta({ examples: [{ hrProcessorLoad: { warning: 70, critical: 90 } }] }),
  objects: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, "must be letters and digits").max(64), objectSchema)
    .default({}).describe("Objects beside those of the metric list, by name; on in every profile, unless disabled.")
    .meta({ examples: [{ upsBatteryTemperature: { oid: "1.3.6.1.4.1.318.1.1.1.2.2.2.0", category: "ups" } }] }),
  devices: z.array(deviceSchema).max(DEVICES_MAX).prefault([]).describe("The devices.")
    .meta({ examples: [[{ host: "10.0.0.1", community: "env:SNMP_COMMUNITY" }]] }),
  traps: trapsSchema.prefault({}).describe("What devices tell by themselves."),
}).superRefine(checkAcross);

export type SnmpConfig = z.output<typeof snmpSchema>;
export type DeviceConfig = SnmpConfig["devices"][number];
export type OwnObject = SnmpConfig["objects"][string];

/** What tells a device from the others: its name, else where it is. */
export function deviceKey(device: Pick<DeviceConfig, "name" | "host" | "port">): string {
  return device.name ?? targetOf(device);
}

type Complain = (path: PropertyKey[], message: string) => void;

/** What no key can be told alone. */
function checkAcross(config: SnmpConfig, context: z.RefinementCtx): void {
  const complain: Complain = (path, message) => context.addIssue({ code: "custom", path, message });
  const names = new Set([...METRICS.map(({ name }) => name), ...Object.keys(config.objects)]);
  const categories = new Set([...CATEGORIES, ...Object.values(config.objects).map(({ category }) => category)]);
  checkObjects(config, complain);
  checkChoices(config, [], names, categories, complain);
  checkThresholds(config, [], names, complain);
  const keys = new Set<string>();
  config.devices.forEach((device, i) => {
    const at: PropertyKey[] = ["devices", i];
    checkSecurity(device, at, complain);
    checkChoices(device, at, names, categories, complain);
    checkThresholds(device, at, names, complain);
    const key = deviceKey(device);
    if (keys.has(key)) {
      const which = device.name === undefined ? "host" : "name";
      complain([...at, which], "must be another, or have a name: two devices cannot be told apart");
    }
    keys.add(key);
  });
}

/** What only version 3 goes by. */
const VERSION_3_KEYS = ["user", "level", "auth", "priv", "context"] as const;

function checkSecurity(device: DeviceConfig, at: PropertyKey[], complain: Complain): void {
  const { version, community, user } = device;
  if (version !== "3") {
    const found = VERSION_3_KEYS.find((key) => device[key] !== undefined);
    if (found !== undefined) complain([...at, found], `must not be there for version ${version}: it is of version 3`);
    else if (community === undefined) complain([...at, "community"], `must be there for version ${version}`);
    return;
  }
  if (user === undefined) complain([...at, "user"], "must be there for version 3");
  if (community !== undefined) complain([...at, "community"], "must not be there for version 3: it is of 1 and 2c");
  for (const [key, must] of missingKeys(device)) complain([...at, key], must);
}

function checkChoices(
  { enable, disable }: { readonly enable: readonly string[]; readonly disable: readonly string[] },
  at: PropertyKey[],
  names: ReadonlySet<string>,
  categories: ReadonlySet<string>,
  complain: Complain,
): void {
  for (const [key, list] of [["enable", enable], ["disable", disable]] as const) {
    list.forEach((choice, i) => {
      if (names.has(choice) || categories.has(choice)) return;
      const hint = nameHint(choice, [...categories, ...names]);
      complain([...at, key, i], `must be a category or a metric (${hint})`);
    });
  }
}

function checkThresholds(
  { thresholds }: { readonly thresholds: SnmpConfig["thresholds"] },
  at: PropertyKey[],
  names: ReadonlySet<string>,
  complain: Complain,
): void {
  for (const [name, { warning, critical }] of Object.entries(thresholds)) {
    if (!names.has(name)) complain([...at, "thresholds", name], `must be of a metric (${nameHint(name, names)})`);
    if (warning !== undefined && critical !== undefined && critical < warning) {
      complain([...at, "thresholds", name, "critical"], "must not be less than warning");
    }
  }
}

function checkObjects({ objects }: SnmpConfig, complain: Complain): void {
  const entries = Object.entries(objects);
  if (entries.length > OWN_OBJECTS_MAX) complain(["objects"], `must be at most ${OWN_OBJECTS_MAX}`);
  for (const [name, { label, table }] of entries) {
    if (objectNamed(name) !== undefined) {
      complain(["objects", name], "must have another name: the metric list has one of this name");
    }
    if (label === undefined) continue;
    if (!table) complain(["objects", name, "label"], "must not be there: only a row of a table has one");
    else if (objects[label]?.table !== true) {
      complain(["objects", name, "label"], "must name another column of objects");
    }
  }
}
