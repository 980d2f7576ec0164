import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  createDecoder,
  type DecodedEvent,
  decodeMessage,
  LOG_FORMATS,
  SYSTEM_LOG_KINDS,
} from "../../../../src/collectors/logs/decode/decoder.ts";
import { JSON_FIELDS_MAX } from "../../../../src/collectors/logs/decode/json_line.ts";
import { STRUCTURED_PARAMETERS_MAX } from "../../../../src/collectors/logs/decode/structured_data.ts";
import { REPEATS_MAX } from "../../../../src/collectors/logs/decode/syslog.ts";
import { createZone, StampReader } from "../../../../src/collectors/logs/decode/stamp.ts";
import { routeOf } from "../../../../src/rules/sigma/mod.ts";
import { eventsOf, NOW_MS } from "./decoding.ts";

Deno.test("Whatever a line holds, every format gives an event of it that has its text, and none throws", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
      "Feb  5 17:00:00 ",
      "<34>1 ",
      "host ",
      "sshd[1]: ",
      "Failed password for ",
      " from 1.2.3.4 port 22",
    ),
    fc.constantFrom("type=SYSCALL msg=audit(1.2:3): ", "a0=", "{", '"', "[", "]", " - - [05/Feb/2026:17:00:00 +0000] "),
    fc.constantFrom(
      "pam_unix(",
      "authentication failure;",
      " rhost=",
      "message repeated ",
      " times: [ ",
      "IN= OUT= SRC=",
    ),
    fc.constantFrom(
      "2014/12/30 06:07:37 [error] ",
      ", client: ",
      "sudo: a : ",
      " ; COMMAND=",
      "(root) CMD (",
      "\u0000",
      "\ud800",
    ),
  );
  const line = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.constantFrom(...LOG_FORMATS), line, (format, text) => {
      const events = eventsOf(format, [text]);
      ok(events.length >= 1);
      for (const { kind, timeMs, at, fields } of events) {
        ok(Number.isFinite(timeMs));
        strictEqual(at, 0);
        if (kind !== "" && kind !== "audit.event") { // these two are made of a line, and do not quote it
          ok(text.endsWith(String(fields["message"]).split("\n").at(-1) ?? ""), String(fields["message"]));
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("A line that was cut is marked, whatever it was read as", () => {
  for (const format of LOG_FORMATS.filter((name) => name !== "audit")) {
    const into: DecodedEvent[] = [];
    createDecoder(format, { timeZone: "UTC", nowMs: () => NOW_MS })
      .decode({ text: "Feb  5 17:00:00 h app: x", at: 7, observedMs: NOW_MS, isCut: true }, into);
    deepStrictEqual(into.map(({ at, fields }) => [at, fields["log.line_cut"]]), [[7, true]], format);
  }
});

Deno.test("A zone that is not known is refused, as an IANA name must be given", () => {
  throws(() => createDecoder("syslog", { timeZone: "Nowhere/Land", nowMs: () => 0 }), {
    name: "RangeError",
    message: "Cannot use a time zone as it must be an IANA name: current value is Nowhere/Land",
  });
});

const MANY = 4_294_967_295;

Deno.test("What is said to be repeated more often than is taken is so many events, and says how often", () => {
  const [line, most] = ["Feb  5 17:00:00 h sshd[1]: ", "Failed password for root from 192.0.2.7 port 1 ssh2"];
  for (
    const [said, taken] of [[2, 2], [REPEATS_MAX, REPEATS_MAX], [REPEATS_MAX + 1, REPEATS_MAX], [
      MANY,
      REPEATS_MAX,
    ]] as const
  ) {
    const events = eventsOf("syslog", [`${line}message repeated ${said} times: [ ${most}]`]);
    strictEqual(events.length, taken);
    deepStrictEqual(events.map(({ index }) => index), Array.from({ length: taken }, (_, i) => i));
    strictEqual(events[0]?.fields["log.repeats"], said > taken ? said : undefined);
  }
  const attempts = eventsOf("syslog", [
    `Feb  5 17:00:00 h sudo: a : ${REPEATS_MAX + 5} incorrect password attempts ; COMMAND=x`,
  ]);
  strictEqual(attempts.length, REPEATS_MAX);
});

Deno.test("A thousand fields are kept; past the most that are kept it is marked", () => {
  const json = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i])));
  const [thousand, most, more] = [1_000, JSON_FIELDS_MAX, JSON_FIELDS_MAX + 1].map((n) =>
    eventsOf("json", [json(n)])[0]?.fields
  );
  deepStrictEqual([thousand?.["f999"], thousand?.["log.fields_cut"]], [999, undefined]);
  deepStrictEqual([most?.[`f${JSON_FIELDS_MAX - 1}`], most?.["log.fields_cut"]], [JSON_FIELDS_MAX - 1, undefined]);
  deepStrictEqual([more?.[`f${JSON_FIELDS_MAX}`], more?.["log.fields_cut"]], [undefined, true]);
  const parameters = Array.from({ length: STRUCTURED_PARAMETERS_MAX + 1 }, (_, i) => `p${i}="${i}"`).join(" ");
  const [event] = eventsOf("syslog", [`<34>1 - h app - - [x ${parameters}] words`]);
  strictEqual(event?.fields["log.fields_cut"], true);
  strictEqual(event?.fields[`log.syslog.structured_data.x.p${STRUCTURED_PARAMETERS_MAX}`], undefined);
  strictEqual(event?.fields["message"], "words");
});

Deno.test("A message whose header is known already tells the same as its line", () => {
  const message = "Failed password for root from 192.0.2.7 port 40000 ssh2";
  const [fromLine] = eventsOf("syslog", [`Feb  5 17:00:00 web-1 sshd[2]: ${message}`]);
  const into: DecodedEvent[] = [];
  const header = { timeMs: Date.UTC(2026, 1, 5, 17), host: "web-1", program: "sshd", pid: 2 };
  decodeMessage(message, header, {}, { text: message, at: 0, observedMs: NOW_MS }, into);
  deepStrictEqual(into, [fromLine]);
});

Deno.test("Sigma's log sources of a system's log name every kind that the decoders make of it", () => {
  for (const service of ["syslog", "auth", "sshd", "sudo", "cron"]) {
    const { kinds } = routeOf({ category: null, product: "linux", service });
    deepStrictEqual([...kinds ?? []].sort(), SYSTEM_LOG_KINDS.map(({ kind }) => kind).sort());
  }
});

Deno.test("Any time is read back as it was written, in any zone, whole hours and half ones", () => {
  const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"];
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 363 * 86_400 }),
      (timeZone, secondsAgo) => {
        const timeMs = NOW_MS - secondsAgo * 1000;
        const parts = new Intl.DateTimeFormat("en-US", {
          timeZone,
          hourCycle: "h23",
          month: "numeric",
          day: "numeric",
          hour: "2-digit",
          minute: "2-digit",
          second: "2-digit",
        }).formatToParts(timeMs);
        const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
        const clock = `${part("hour")}:${part("minute")}:${part("second")}`;
        const stamp = `${months[Number(part("month")) - 1]} ${part("day").padStart(2)} ${clock}`;
        const reader = new StampReader(createZone(timeZone), () => NOW_MS);
        ok(reader.read(stamp, 0), stamp);
        // Of an hour that comes twice, either is right.
        ok([0, 3_600_000, 1_800_000].includes(Math.abs(reader.timeMs - timeMs)), `${stamp} ${timeZone}`);
        strictEqual(reader.end, 15);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("Without a zone a time is this host's", () => {
  const reader = new StampReader(createZone(undefined), () => NOW_MS);
  ok(reader.read("Feb  5 17:00:00", 0));
  strictEqual(reader.timeMs, new Date(2026, 1, 5, 17).getTime());
});
