import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fold, osOf, recordOfEvent, Subject } from "../../src/rules/subject.ts";
import { makeEvent } from "./fixtures.ts";

Deno.test("a subject shows an event's fields, kind, source and host", () => {
  const subject = new Subject(makeEvent({ fields: { "process.name": "sshd", "event.kind": "forged" } }));
  strictEqual(subject.get("process.name"), "sshd");
  strictEqual(subject.get("event.kind"), "process.start");
  strictEqual(subject.get("event.source"), "process");
  strictEqual(subject.get("host.name"), "web-1");
  strictEqual(subject.get("process.pid"), undefined);
  deepStrictEqual([...subject.names()], ["process.name", "event.kind"]);
});

Deno.test("a foreign event says in a field which host it is about", () => {
  const subject = new Subject(makeEvent({ kind: "", fields: { "host.name": "db-1" } }));
  strictEqual(subject.get("host.name"), "db-1");
  strictEqual(subject.reset(makeEvent({ kind: "" })).get("host.name"), "web-1");
});

Deno.test("nothing of one event is left when the subject stands for the next", () => {
  const subject = new Subject(makeEvent({ fields: { a: "ONE", list: ["X", 1, null] } }));
  strictEqual(subject.folded("a"), "one");
  deepStrictEqual(subject.folded("list"), ["x", 1, null]);
  strictEqual(subject.folded("list"), subject.folded("list"), "folded once");
  subject.reset(makeEvent({ fields: { a: "TWO", b: 5 } }));
  strictEqual(subject.folded("a"), "two");
  strictEqual(subject.folded("b"), 5);
  strictEqual(subject.folded("list"), undefined);
  deepStrictEqual([...subject.names()], ["a", "b"]);
});

Deno.test("what every object inherits is no field", () => {
  const subject = new Subject(makeEvent({ fields: {} }));
  for (const name of ["constructor", "__proto__", "hasOwnProperty"]) {
    strictEqual(subject.get(name), undefined);
    strictEqual(subject.folded(name), undefined);
  }
  strictEqual(new Subject(makeEvent({ fields: { constructor: true } })).get("constructor"), true);
});

Deno.test("folding leaves what is no text", () => {
  for (const value of [5, true, null, undefined]) strictEqual(fold(value), value);
});

Deno.test("an event's record holds its facts beside its fields", () => {
  deepStrictEqual({ ...recordOfEvent(makeEvent({ fields: { a: 1 } })) }, {
    a: 1,
    "event.kind": "process.start",
    "event.source": "process",
    "host.name": "web-1",
  });
});

Deno.test("a host that does not say its system runs Linux", () => {
  strictEqual(osOf(makeEvent({})), "linux");
  strictEqual(osOf(makeEvent({ fields: { "host.os.type": "windows" } })), "windows");
});

Deno.test("a field that events of one layout do not have is absent in each, and there in those of another", () => {
  const subject = new Subject(makeEvent({ fields: { a: "X" } }));
  for (
    const [layout, fields, expected] of [
      [1, { a: "X" }, undefined],
      [1, { a: "Y" }, undefined],
      [2, { a: "X", b: "B" }, "B"],
      [1, { a: "X" }, undefined],
      [undefined, { b: "C" }, "C"],
      [undefined, {}, undefined],
      [undefined, { b: "D" }, "D"],
      [3, { b: null }, null],
      [3, { b: "E" }, "E"],
    ] as const
  ) {
    subject.reset(makeEvent({ fields }), layout);
    const lower = typeof expected === "string" ? expected.toLowerCase() : expected;
    for (let i = 0; i < 2; i++) {
      strictEqual(subject.folded("b"), lower);
      strictEqual(subject.get("b"), expected);
    }
  }
});
