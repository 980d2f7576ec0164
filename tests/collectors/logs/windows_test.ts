/** Records of the Windows Event Log, in the form that `wevtutil qe /f:xml` writes; written for these tests after Microsoft's schema. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../../src/core/clock.ts";
import { noMasking } from "../../../src/core/masking.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { LogHealth } from "../../../src/collectors/logs/health.ts";
import { decodeOutput, pollWindows } from "../../../src/collectors/logs/windows/poll.ts";
import { WINDOWS_KINDS } from "../../../src/collectors/logs/windows/kinds.ts";
import { readWindowsRecord } from "../../../src/collectors/logs/windows/record.ts";
import { readXml, splitEvents } from "../../../src/collectors/logs/windows/xml.ts";
import { logsCollector } from "../../../src/collectors/logs/mod.ts";
import { routeOf } from "../../../src/rules/sigma/logsource.ts";

interface Written {
  readonly channel: string;
  readonly code: number;
  readonly record?: number;
  readonly data?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly time?: string;
}

function eventXml(
  { channel, code, record = 1, data = {}, body, time = "2026-01-15T10:20:30.1234567Z" }: Written,
): string {
  const rows = Object.entries(data).map(([name, value]) => `<Data Name='${name}'>${value}</Data>`).join("");
  return `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>` +
    `<Provider Name='Test-Provider' Guid='{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'/><EventID>${code}</EventID><Version>2</Version>` +
    `<Level>4</Level><Task>1</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>` +
    `<TimeCreated SystemTime='${time}'/><EventRecordID>${record}</EventRecordID><Correlation/>` +
    `<Execution ProcessID='3252' ThreadID='4000'/><Channel>${channel}</Channel><Computer>WIN-1.example.org</Computer>` +
    `<Security UserID='S-1-5-18'/></System>${body ?? `<EventData>${rows}</EventData>`}</Event>`;
}

const SYSMON = "Microsoft-Windows-Sysmon/Operational";

Deno.test("windows: a process that Sysmon saw is process.start, with the names that Sigma's fields lead to", () => {
  const record = readWindowsRecord(eventXml({
    channel: SYSMON,
    code: 1,
    record: 4711,
    data: {
      UtcTime: "2026-01-15 10:20:30.120",
      ProcessGuid: "{a23eae89-bd28-5903-0000-00102f345d00}",
      ProcessId: "4242",
      Image: "C:\\Windows\\System32\\cmd.exe",
      CommandLine: "cmd.exe /c &quot;echo a &amp;&amp; b &lt;x&gt;&quot;",
      CurrentDirectory: "C:\\",
      User: "NT AUTHORITY\\SYSTEM",
      Hashes: "SHA256=AB,IMPHASH=CD",
      ParentProcessId: "-",
      ParentImage: "C:\\Windows\\explorer.exe",
      IntegrityLevel: "System",
    },
  }));
  strictEqual(record?.kind, "process.start");
  strictEqual(record.recordId, 4711);
  strictEqual(record.timeMs, Date.UTC(2026, 0, 15, 10, 20, 30) + 123.4567);
  strictEqual(record.host, "WIN-1.example.org");
  deepStrictEqual(record.fields, {
    "host.os.type": "windows",
    Channel: SYSMON,
    EventID: 1,
    Provider_Name: "Test-Provider",
    Level: "4",
    Task: "1",
    Opcode: "0",
    Keywords: "0x8000000000000000",
    UtcTime: "2026-01-15 10:20:30.120",
    "process.entity_id": "{a23eae89-bd28-5903-0000-00102f345d00}",
    "process.pid": 4242,
    "process.executable": "C:\\Windows\\System32\\cmd.exe",
    "process.command_line": 'cmd.exe /c "echo a && b <x>"',
    "process.working_directory": "C:\\",
    "user.name": "NT AUTHORITY\\SYSTEM",
    Hashes: "SHA256=AB,IMPHASH=CD",
    "process.parent.executable": "C:\\Windows\\explorer.exe",
    IntegrityLevel: "System",
    "process.name": "cmd.exe",
  });
});

Deno.test("windows: each kind is one that Sigma's rules of that log source are offered", () => {
  const cases: [channel: string, code: number, source: { category?: string; service?: string }][] = [
    [SYSMON, 1, { category: "process_creation" }],
    [SYSMON, 3, { category: "network_connection" }],
    [SYSMON, 5, { category: "process_termination" }],
    [SYSMON, 11, { category: "file_event" }],
    [SYSMON, 13, { category: "registry_set" }],
    [SYSMON, 12, { category: "registry_add" }],
    [SYSMON, 14, { category: "registry_event" }],
    [SYSMON, 22, { category: "dns_query" }],
    [SYSMON, 23, { category: "file_delete" }],
    [SYSMON, 7, { category: "image_load" }],
    ["Microsoft-Windows-PowerShell/Operational", 4104, { category: "ps_script" }],
    ["Security", 4688, { category: "process_creation" }],
    ["Security", 4625, { service: "security" }],
    ["Security", 4624, { service: "security" }],
    ["Security", 4720, { service: "security" }],
    ["System", 7045, { service: "system" }],
    ["Windows PowerShell", 400, { service: "powershell-classic" }],
  ];
  for (const [channel, code, { category = null, service = null }] of cases) {
    const kind = readWindowsRecord(eventXml({ channel, code }))?.kind ?? "";
    const route = routeOf({ product: "windows", category, service });
    ok(route.kinds?.includes(kind), `${channel} ${code}: ${kind} is none of ${route.kinds}`);
    ok(WINDOWS_KINDS.includes(kind), kind);
    ok(logsCollector.kinds.some((described) => described.kind === kind), kind);
  }
  const deleted = eventXml({ channel: SYSMON, code: 12, data: { EventType: "DeleteKey" } });
  strictEqual(readWindowsRecord(deleted)?.kind, "sigma.windows.registry_delete");
  strictEqual(readWindowsRecord(eventXml({ channel: "Vendor/Operational", code: 9 }))?.kind, "windows.event");
});

Deno.test("windows: a failed logon by our names and by its own; user data; data without names", () => {
  const logon = readWindowsRecord(eventXml({
    channel: "Security",
    code: 4625,
    data: { TargetUserName: "admin", IpAddress: "203.0.113.9", IpPort: "0", LogonType: "3", Status: "0xc000006d" },
  }));
  const fields = logon?.fields ?? {};
  deepStrictEqual(
    [fields["user.name"], fields["source.ip"], fields["event.outcome"], fields.TargetUserName, fields.LogonType],
    ["admin", "203.0.113.9", "failure", "admin", "3"],
  );
  const local = readWindowsRecord(eventXml({ channel: "Security", code: 4624, data: { IpAddress: "LOCAL" } }));
  strictEqual(local?.fields["source.ip"], undefined);
  const cleared = readWindowsRecord(eventXml({
    channel: "Security",
    code: 1102,
    body: "<UserData><LogFileCleared xmlns='x'><SubjectUserName>eve</SubjectUserName></LogFileCleared></UserData>",
  }));
  strictEqual(cleared?.fields.SubjectUserName, "eve");
  const classic = readWindowsRecord(eventXml({
    channel: "Application",
    code: 1000,
    body: "<EventData><Data>one</Data><Data>two</Data><Binary>00FF</Binary></EventData>",
  }));
  deepStrictEqual([classic?.fields.Data, classic?.fields.Binary], ["one\ntwo", "00FF"]);
  const hexadecimal = readWindowsRecord(eventXml({ channel: "Security", code: 4688, data: { NewProcessId: "0x1f4" } }));
  strictEqual(hexadecimal?.fields["process.pid"], 500);
});

Deno.test("windows: what is not well-formed, nests without end or declares entities is none; text stays data", () => {
  const deep = "<a>".repeat(100) + "</a>".repeat(100);
  const bad = [
    "",
    "<",
    "<Event>",
    "<Event></Evt>",
    "<Event/><Event/>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]><Event>&a;</Event>",
    deep,
    "<Event><![CDATA[x</Event>",
  ];
  for (const text of bad) strictEqual(readXml(text), undefined, text.slice(0, 40));
  strictEqual(readXml("<a>&lt;b&gt; &#x41;&#66; &unknown; &amp;lt;</a>")?.text, "<b> AB &unknown; &lt;");
  strictEqual(readXml("<a b='x>y'><![CDATA[<c>]]><!-- no --></a>")?.text, "<c>");
  strictEqual(readXml("<a b='x>y'/>")?.attributes.b, "x>y");
  for (const body of ["<System/>", "<System><EventRecordID>0</EventRecordID><Channel>x</Channel></System>"]) {
    strictEqual(readWindowsRecord(`<Event>${body}</Event>`), undefined);
  }
});

Deno.test("windows: events are split where they are, whatever is around them", () => {
  const one = eventXml({ channel: "System", code: 1 });
  deepStrictEqual(splitEvents(`<?xml version="1.0"?>\r\n<Events>${one}\r\n${one}</Events>`), {
    events: [one, one],
    rest: "",
  });
  deepStrictEqual(splitEvents(`${one}<Event xml`).rest, "<Event xml");
  const utf16 = new Uint8Array(new Uint16Array([..."\ufeff<Event>é"].map((char) => char.charCodeAt(0))).buffer);
  strictEqual(decodeOutput(utf16), "<Event>é");
  strictEqual(decodeOutput(new TextEncoder().encode("<Event>é")), "<Event>é");
});

/** An event log in memory, asked as wevtutil is. */
class FakeLog {
  readonly asked: string[] = [];
  constructor(readonly channels: Record<string, string[]>) {}

  readonly ask = (args: readonly string[]): Promise<string> => {
    this.asked.push(args.join(" "));
    const records = this.channels[args[1] ?? ""];
    if (records === undefined) return Promise.reject(new Error("The specified channel could not be found"));
    const numberOf = (xml: string) => Number(/<EventRecordID>(\d+)/.exec(xml)?.[1]);
    if (args.includes("/rd:true")) return Promise.resolve(records.at(-1) ?? "");
    const after = Number(
      /EventRecordID>(\d+)\)/.exec(args.join(" "))?.[1] ?? /EventRecordID>(\d+)\]/.exec(args.join(" "))?.[1],
    );
    return Promise.resolve(records.filter((xml) => numberOf(xml) > after).slice(0, 500).join("\n"));
  };
}

async function poll(
  log: FakeLog,
  state: StagedState,
  until: (events: readonly TelemetryEvent[]) => boolean,
  readFrom: "start" | "end" = "start",
) {
  const abort = new AbortController();
  const deadline = setTimeout(() => abort.abort(), 20_000);
  const events: TelemetryEvent[] = [];
  const dropped: string[] = [];
  const health = new LogHealth();
  const options = {
    channels: ["Missing", ...Object.keys(log.channels)],
    intervalMs: 5,
    readFrom,
    masking: noMasking,
    health,
    ask: log.ask,
  };
  const context = {
    host: "h",
    clock: systemClock,
    signal: abort.signal,
    state,
    dropped: (reason: string) => dropped.push(reason),
  };
  for await (const portion of pollWindows(options, context)) {
    for (const [key, value] of portion.state) state.set(key, value ?? "");
    events.push(...portion.events);
    if (until(events)) abort.abort();
  }
  clearTimeout(deadline);
  return { events, dropped, health };
}

Deno.test("windows: read on from the record that was committed last; a channel that is not there is told", async () => {
  const log = new FakeLog({
    Security: Array.from({ length: 1_200 }, (_, i) => eventXml({ channel: "Security", code: 4720, record: i + 1 })),
  });
  const state = new StagedState("logs");
  const lines = (events: readonly TelemetryEvent[]) => events.filter(({ kind }) => kind !== "log.watched");
  const first = await poll(log, state, (events) => lines(events).length >= 1_200);
  strictEqual(new Set(first.events.map(({ id }) => id)).size, first.events.length);
  ok(first.health.targets().some(({ name, trouble }) => name === "Missing" && trouble?.includes("could not be found")));
  strictEqual(state.get("windows:Security"), "1200");
  log.channels.Security?.push(
    "<Event>broken<EventRecordID>1201</EventRecordID></Event>",
    eventXml({ channel: "Security", code: 4720, record: 1_202 }),
  );
  const second = await poll(log, state, (events) => lines(events).length >= 1);
  deepStrictEqual([lines(second.events).length, second.dropped], [1, ["windows_malformed"]]);
  // Cleared: its numbers begin again, and what they are of is told apart by its time.
  log.channels.Security = [eventXml({ channel: "Security", code: 1102, record: 1, time: "2026-02-01T00:00:00Z" })];
  const third = await poll(log, state, (events) => lines(events).length >= 1);
  strictEqual(lines(third.events).length, 1);
  ok(!first.events.some(({ id }) => id === lines(third.events)[0]?.id));
});

Deno.test("windows: begun at the end, which is kept at once", async () => {
  const log = new FakeLog({ System: [eventXml({ channel: "System", code: 7045, record: 41 })] });
  const state = new StagedState("logs");
  const { events } = await poll(log, state, (events) => events.length >= 1, "end");
  deepStrictEqual(events.map(({ kind }) => kind), ["log.watched"]);
  strictEqual(state.get("windows:System"), "41");
});
