import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { ask, sampleRule, withApi } from "./asked_app.ts";

const LISTS = ["scores", "detections", "events", "hosts", "rules", "collectors"];

Deno.test("a problem is an RFC 9457 document", async () => {
  await withApi(async ({ get }) => {
    const { status, headers, json } = await get("/api/v1/none");
    strictEqual(status, 404);
    strictEqual(headers.get("content-type"), "application/problem+json");
    deepStrictEqual(json, {
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: "There is nothing here; / lists what there is",
      instance: "/api/v1/none",
    });
  });
});

Deno.test("limits and cursors out of range are refused by every list, and named", async () => {
  await withApi(async ({ get }) => {
    for (const list of LISTS) {
      for (const limit of ["0", "1001", "-1", "1.5", "ten", "", "1e2", "99999999999999999999"]) {
        const { status, json } = await get(`/api/v1/${list}?limit=${limit}`);
        strictEqual(status, 400, `${list} ${limit}`);
        match(json.detail, /^Query parameter "limit" must be a whole number from 1 to 1000: current value is "/);
      }
      for (const limit of ["1", "1000"]) strictEqual((await get(`/api/v1/${list}?limit=${limit}`)).status, 200);
      strictEqual((await get(`/api/v1/${list}?cursor=%25`)).status, 400, list);
    }
  });
});

Deno.test("a cursor of one list is none of another", async () => {
  const rules = () => ({ rules: [sampleRule("a"), sampleRule("b")], diagnostics: [] });
  await withApi(async ({ get }) => {
    const { next } = (await get("/api/v1/rules?limit=1")).json;
    strictEqual((await get(`/api/v1/rules?cursor=${next}`)).json.items[0].id, "b");
    for (const list of ["events", "detections"]) {
      const { status, json } = await get(`/api/v1/${list}?cursor=${next}`);
      strictEqual(status, 400);
      match(json.detail, /cursor must be one that a page gave/);
    }
    for (const cursor of ["MQ", "e30", "W10"]) strictEqual((await get(`/api/v1/rules?cursor=${cursor}`)).status, 400);
  }, { rules });
});

Deno.test("an unknown parameter is refused, with what was probably meant", async () => {
  await withApi(async ({ get }) => {
    const detail = async (path: string) => {
      const { status, json } = await get(path);
      strictEqual(status, 400, path);
      return json.detail as string;
    };
    strictEqual(await detail("/api/v1/events?hots=a"), 'Unknown query parameter "hots" (did you mean "host"?)');
    strictEqual(await detail("/api/v1/hosts?zzzzzz=1"), 'Unknown query parameter "zzzzzz" (one of limit, cursor)');
    match(await detail("/health?x=1"), /it takes none/);
    match(await detail("/metrics?__proto__=1"), /it takes none/);
    match(await detail("/api/v1/events?constructor=1"), /Unknown query parameter "constructor"/);
    match(await detail("/api/v1/events?kind=a&kind=b"), /"kind" must be given once/);
    match(await detail("/api/v1/events?kind="), /"kind" must not be empty/);
    match(await detail("/api/v1/events?since=yesterday"), /must be an RFC 3339 time/);
    match(await detail("/api/v1/detections?level=bad"), /must be one of informational, low, medium, high, critical/);
    match(await detail("/api/v1/scores?min=101"), /must be a number from 0 to 100/);
    match(await detail("/api/v1/scores?type=planet"), /must be one of host, ip, user/);
  });
});

Deno.test("another method than GET and HEAD is refused where there is something, and only there", async () => {
  await withApi(async ({ app }) => {
    for (
      const path of [
        "/",
        "/health",
        "/metrics",
        "/api/v1/scores/host/a",
        ...LISTS.map((list) => `/api/v1/${list}`),
      ]
    ) {
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
        const { status, headers, json } = await ask(app, path, { method });
        strictEqual(status, 405, `${method} ${path}`);
        strictEqual(headers.get("allow"), "GET, HEAD");
        strictEqual(json.title, "Method Not Allowed");
      }
    }
    strictEqual((await ask(app, "/api/v1/events", { method: "HEAD" })).status, 200);
    strictEqual((await ask(app, "/none", { method: "POST" })).status, 404);
  });
});

Deno.test("a defect tells the log what it is, and the client that there is one", async () => {
  const logged: string[] = [];
  const rules = (): never => {
    throw new Error("secret inside");
  };
  await withApi(async ({ get }) => {
    const { status, text } = await get("/api/v1/rules");
    strictEqual(status, 500);
    strictEqual(text.includes("secret"), false);
    deepStrictEqual(logged, ["error api secret inside"]);
  }, { rules, log: (level, about, message) => logged.push(`${level} ${about} ${message}`) });
});

Deno.test("a journal that cannot be read is said to be that", async () => {
  await withApi(async ({ get }) => {
    const { status, json } = await get("/api/v1/events");
    strictEqual(status, 503);
    match(json.detail, /must be undamaged/);
  }, {
    reader: failingReader(),
  });
});

function failingReader() {
  const fail = (): never => {
    const error = new Error("Cannot read the journal as it must be undamaged");
    error.name = "JournalError";
    throw error;
  };
  return { events: fail, event: fail, detections: fail, detection: fail, scoreHistory: fail, size: fail };
}

Deno.test("health and metrics answer without the journal", async () => {
  await withApi(async ({ get }) => {
    const health = await get("/health");
    strictEqual(health.status, 200);
    strictEqual(health.json.status, "degraded");
    deepStrictEqual(health.json.journal, { state: "unreadable", rows: null, last_seq: null });
    match((await get("/metrics")).text, /^weir_journal_up 0$/m);
  }, { reader: failingReader() });
});
