import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { EVENTS_SCAN_MAX } from "../../src/journal/reader.ts";
import { NOTHING, sampleDetection, sampleEvent, sampleEvents, sampleScore, START_MS } from "../journal/samples.ts";
import { type Answer, hostsOf, sampleRule, scoreOf, scoresOf, withApi } from "./asked_app.ts";

/** Every item of a list, page by page. */
async function readAll(get: (path: string) => Promise<Answer>, path: string): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let cursor = "";;) {
    const { status, json } = await get(cursor === "" ? path : `${path}&cursor=${cursor}`);
    strictEqual(status, 200, JSON.stringify(json));
    items.push(...json.items);
    if (json.next === null) return items;
    cursor = encodeURIComponent(json.next);
  }
}

Deno.test("events: newest first, in their outside form, filtered and paged", async () => {
  await withApi(async ({ journal, get }) => {
    const events = sampleEvents(130).map((event, i) => ({
      ...event,
      kind: i % 2 === 0 ? "process.start" : "process.end",
    }));
    journal.commit({ ...NOTHING, events });
    const first = await get("/api/v1/events");
    strictEqual(first.json.items.length, 50);
    deepStrictEqual(first.json.items[0], {
      id: sampleEvent(129).id,
      time: "2026-01-01T00:00:01.290Z",
      source: "process",
      kind: "process.end",
      host: "web-1",
      fields: sampleEvent(129).fields,
    });
    const ends = await readAll(get, "/api/v1/events?kind=process.end&limit=20");
    strictEqual(ends.length, 65);
    const times = "since=2026-01-01T00:00:00.100Z&until=2026-01-01T00:00:00.200Z";
    strictEqual((await readAll(get, `/api/v1/events?${times}&limit=3`)).length, 10);
    deepStrictEqual((await get("/api/v1/events?host=other")).json, { items: [], next: null });
    deepStrictEqual((await get("/api/v1/events?source=logs")).json, { items: [], next: null });
  });
});

Deno.test("events: a rare one far back is found in one request", async () => {
  await withApi(async ({ journal, get }) => {
    journal.commit({ ...NOTHING, events: [sampleEvent(0, { kind: "rare.kind" })] });
    journal.commit({ ...NOTHING, events: sampleEvents(3 * EVENTS_SCAN_MAX, 1) });
    const { json } = await get("/api/v1/events?kind=rare.kind");
    deepStrictEqual([json.items.length, json.next], [1, null]);
  });
});

Deno.test("detections: by rule, host, entity, level, state and time, paged", async () => {
  await withApi(async ({ journal, get }) => {
    const detections = Array.from({ length: 9 }, (_, i) =>
      sampleDetection(i, {
        rule: i < 3 ? "few" : "many",
        level: i === 8 ? "critical" : "low",
        state: i === 7 ? "closed" : "open",
        entities: i === 6 ? ["ip:fe80::1"] : ["host:web-1"],
      }));
    journal.commit({ ...NOTHING, detections });
    const ids = async (query: string) =>
      (await readAll(get, `/api/v1/detections?limit=2&${query}`)).map((item) => (item as { id: string }).id);
    deepStrictEqual(await ids("rule=few"), ["d0002", "d0001", "d0000"]);
    deepStrictEqual(await ids("level=critical"), ["d0008"]);
    deepStrictEqual(await ids("state=closed"), ["d0007"]);
    deepStrictEqual(await ids("entity=ip:fe80::1"), ["d0006"]);
    deepStrictEqual(await ids("host=none"), []);
    deepStrictEqual(await ids(`since=${new Date(sampleEvent(7).timeMs).toISOString()}`), ["d0008", "d0007"]);
  });
});

Deno.test("a detection shows everything: group, entities, evidence, events, what it adds to scores", async () => {
  const contribution = {
    rule: "r",
    detection: "d0003",
    level: "high",
    weight: 0.7,
    share: 70,
    age_seconds: 0,
  } as const;
  const scores = scoresOf([scoreOf("host:web-1", 70, { contributions: [contribution] })]);
  await withApi(async ({ journal, get }) => {
    const when = {
      type: "test",
      result: true,
      fact: "event.count",
      operator: "greaterThan",
      value: 1,
      saw: 2,
    } as const;
    const detection = sampleDetection(3, {
      eventIds: [sampleEvent(3).id, sampleEvent(4).id, "gone"],
      evidence: { when, selections: [{ selection: "process", event_id: sampleEvent(4).id }] },
      lastMs: START_MS + 40.5,
    });
    journal.commit({ ...NOTHING, events: sampleEvents(5), detections: [detection] });
    const { status, json } = await get("/api/v1/detections/d0003");
    strictEqual(status, 200);
    const { events, contributions, ...rest } = json;
    deepStrictEqual(rest, {
      id: "d0003",
      rule: "suspicious-process",
      title: "Suspicious process",
      level: "high",
      weight: 0.7,
      strength: 1,
      tags: ["attack.t1496"],
      time: "2026-01-01T00:00:00.030Z",
      last_time: "2026-01-01T00:00:00.040500Z",
      host: "web-1",
      group: { "host.name": "web-1" },
      entities: ["host:web-1", "user:root"],
      message: "xmrig was started",
      count: 1,
      event_ids: [sampleEvent(3).id, sampleEvent(4).id, "gone"],
      sources: ["process"],
      consumes: [],
      state: "open",
      evidence: { when, selections: [{ selection: "process", event_id: sampleEvent(4).id }] },
    });
    deepStrictEqual(events.map((event: { id: string }) => event.id), [sampleEvent(3).id, sampleEvent(4).id]);
    deepStrictEqual(contributions, [{ entity: "host:web-1", overall_score: 70, ...contribution }]);
    strictEqual((await get("/api/v1/detections/none")).status, 404);
  }, { scores });
});

Deno.test("scores: highest first, by least score and type, paged", async () => {
  const scores = scoresOf([
    ...Array.from({ length: 7 }, (_, i) => scoreOf(`host:h${i}`, 10 * i)),
    scoreOf("ip:fe80::1", 60),
    scoreOf("user:root", 95),
  ]);
  await withApi(async ({ get }) => {
    const entities = async (query: string) =>
      (await readAll(get, `/api/v1/scores?limit=2&${query}`)).map((item) => (item as { entity: string }).entity);
    const all = [
      "user:root",
      "host:h6",
      "ip:fe80::1",
      "host:h5",
      "host:h4",
      "host:h3",
      "host:h2",
      "host:h1",
      "host:h0",
    ];
    deepStrictEqual(await entities(""), all);
    deepStrictEqual(await entities("min=50"), all.slice(0, 4));
    deepStrictEqual(await entities("type=ip"), ["ip:fe80::1"]);
  }, { scores });
});

Deno.test("a score by its entity, whatever the id holds, with its history", async () => {
  const strange = scoreOf("user:a/b c%d", 30);
  await withApi(async ({ journal, get }) => {
    const past = [sampleScore(START_MS, { overall_score: 12, threat_level: "BENIGN", entity: "ip:fe80::1%eth0" })];
    journal.commit({ ...NOTHING, scores: past });
    const { json } = await get(`/api/v1/scores/user/${encodeURIComponent("a/b c%d")}`);
    deepStrictEqual([json.entity, json.overall_score, json.history], ["user:a/b c%d", 30, []]);
    strictEqual((await get("/api/v1/scores/user/a/b%20c%25d")).json.entity, "user:a/b c%d");
    const faded = await get(`/api/v1/scores/ip/${encodeURIComponent("fe80::1%eth0")}`);
    deepStrictEqual([faded.json.overall_score, faded.json.threat_level], [0, "BENIGN"]);
    deepStrictEqual(faded.json.history, [
      { time: "2026-01-01T00:00:00.000Z", overall_score: 12, confidence: 0.6, threat_level: "BENIGN" },
    ]);
    strictEqual((await get("/api/v1/scores/host/none")).status, 404);
    match((await get("/api/v1/scores/planet/mars")).json.detail, /one of host, ip, user/);
  }, { scores: scoresOf([strange]) });
});

Deno.test("hosts: when heard of and how they score; one host: its latest values", async () => {
  const told = (kind: string, fields: Record<string, string | number>, host = "web-1") =>
    sampleEvent(1, { kind, fields, host });
  const hosts = hostsOf([
    told("host.cpu", { "system.cpu.percent": 12 }),
    told("host.filesystem", { "system.filesystem.mount_point": "/" }),
    told("host.filesystem", { "system.filesystem.mount_point": "/home" }),
    ...Array.from({ length: 12 }, (_, i) =>
      told("process.stats", {
        "process.pid": i,
        "process.cpu.percent": i,
        "process.memory.resident.bytes": 100 - i,
      })),
    told("host.cpu", { "system.cpu.percent": 1 }, "net/switch 1"),
  ]);
  await withApi(async ({ get }) => {
    deepStrictEqual((await get("/api/v1/hosts")).json, {
      items: [
        { host: "net/switch 1", last_time: "2026-01-01T00:00:00.010Z", score: null },
        {
          host: "web-1",
          last_time: "2026-01-01T00:00:00.010Z",
          score: { overall_score: 50, confidence: 0.6, threat_level: "MEDIUM" },
        },
      ],
      next: null,
    });
    const { json } = await get("/api/v1/hosts/web-1");
    const time = "2026-01-01T00:00:00.010Z";
    deepStrictEqual(json.cpu, { time, fields: { "system.cpu.percent": 12 } });
    strictEqual(json.memory, null);
    strictEqual(json.filesystems.length, 2);
    const pids = (rows: { fields: Record<string, number> }[]) => rows.map(({ fields }) => fields["process.pid"]);
    deepStrictEqual(pids(json.top_processes.by_cpu), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    deepStrictEqual(pids(json.top_processes.by_memory), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    strictEqual(json.score.overall_score, 50);
    strictEqual((await get("/api/v1/hosts/net%2Fswitch%201")).json.host, "net/switch 1");
    strictEqual((await get("/api/v1/hosts/none")).status, 404);
  }, { hosts, scores: scoresOf([scoreOf("host:web-1", 50)]) });
});

Deno.test("rules: those in force with what was said about the others; one with its conditions as written", async () => {
  const test = {
    type: "test",
    fact: "process.name",
    fields: ["process.name"],
    operator: "equal",
    value: "xmrig",
    accepts: () => true,
    witnesses: null,
    cost: 1,
  } as const;
  const miner = sampleRule("miner", {
    level: "critical",
    tags: ["attack.t1496"],
    selections: [{
      name: "start",
      kinds: null,
      rule: "base",
      where: { type: "any", of: [{ type: "not", of: [test] }] },
    }],
    correlation: { groupBy: ["user.name"], timespanMs: 300_000, ordered: true, when: { ...test, fact: "start.count" } },
    suppressMs: 600_000,
  });
  const place = { path: "rules/bad.yaml", line: 3, column: 5 };
  const diagnostics = [{ severity: "error", place, message: "Cannot load", hint: "say why" }] as const;
  const rules = [sampleRule("zeta"), miner, sampleRule("alpha", { format: "sigma" })];
  await withApi(async ({ get }) => {
    const list = (await get("/api/v1/rules")).json;
    deepStrictEqual(list.items.map((rule: { id: string }) => rule.id), ["alpha", "miner", "zeta"]);
    deepStrictEqual(list.items[1].correlation, { group_by: ["user.name"], timespan_seconds: 300, ordered: true });
    deepStrictEqual(list.diagnostics, [
      { severity: "error", path: "rules/bad.yaml", line: 3, column: 5, message: "Cannot load", hint: "say why" },
    ]);
    deepStrictEqual(
      (await readAll(get, "/api/v1/rules?limit=1")).map((item) => (item as { id: string }).id),
      ["alpha", "miner", "zeta"],
    );
    strictEqual((await get("/api/v1/rules?format=sigma")).json.items.length, 1);
    strictEqual((await get("/api/v1/rules?tag=attack.t1496")).json.items.length, 1);
    const one = (await get("/api/v1/rules/miner")).json;
    const written = { fact: "process.name", operator: "equal", value: "xmrig" };
    deepStrictEqual(one.selections, [
      { name: "start", kinds: null, rules: ["base"], where: { any: [{ not: written }] } },
    ]);
    deepStrictEqual(one.when, { ...written, fact: "start.count" });
    strictEqual(one.suppress_seconds, 600);
    strictEqual((await get("/api/v1/rules/none")).status, 404);
  }, { rules: () => ({ rules, diagnostics }) });
});

Deno.test("collectors: each with its state and its row of the ledger", async () => {
  const status = { summary: "every 50 ms", sinceMs: START_MS, restarts: 2 };
  const collectors = () => [
    { ...status, name: "snmp", state: "off" as const, reason: "no devices", lastEventMs: null },
    { ...status, name: "process", state: "running" as const, reason: null, lastEventMs: START_MS + 1 },
    {
      ...status,
      ...{ name: "devices", state: "running" as const, reason: null, lastEventMs: null },
      targets: [{ name: "core-1", trouble: null }, { name: "core-2", trouble: "it does not answer" }],
    },
  ];
  const ledger = () => [
    { collector: "process", collected: 10, committed: 6, duplicate: 1, dropped: { flood: 2 }, pending: 1 },
  ];
  await withApi(async ({ get }) => {
    const { items: all, next } = (await get("/api/v1/collectors")).json;
    strictEqual(next, null);
    const items = all.filter((item: { name: string }) => item.name !== "devices");
    const [devices] = all.filter((item: { name: string }) => item.name === "devices");
    deepStrictEqual(devices.targets, { known: 2, in_trouble: [{ name: "core-2", trouble: "it does not answer" }] });
    deepStrictEqual(items, [
      {
        name: "process",
        state: "running",
        reason: null,
        summary: "every 50 ms",
        since: "2026-01-01T00:00:00.000Z",
        restarts: 2,
        last_event_time: "2026-01-01T00:00:00.001Z",
        ledger: { collected: 10, committed: 6, duplicate: 1, dropped: { flood: 2 }, pending: 1 },
      },
      {
        name: "snmp",
        state: "off",
        reason: "no devices",
        summary: "every 50 ms",
        since: "2026-01-01T00:00:00.000Z",
        restarts: 2,
        last_event_time: null,
        ledger: { collected: 0, committed: 0, duplicate: 0, dropped: {}, pending: 0 },
      },
    ]);
    strictEqual((await get("/api/v1/collectors?state=off")).json.items.length, 1);
  }, { collectors, ledger });
});

Deno.test("the index names every route", async () => {
  await withApi(async ({ get }) => {
    const { json } = await get("/");
    ok(json.routes.includes("/api/v1/scores/{type}/{id}"));
    for (const route of json.routes.filter((route: string) => !route.includes("{"))) {
      strictEqual((await get(route)).status, 200, route);
    }
  });
});
