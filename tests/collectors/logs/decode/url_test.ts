/** URLs without the escapes behind which attacks hide. */

import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { plainUrl, URL_ROUNDS_MAX } from "../../../../src/collectors/logs/decode/url.ts";

Deno.test("escapes are undone, whatever their case and however often they were escaped", () => {
  strictEqual(plainUrl("/a/%2e%2E/b"), "/a/../b");
  strictEqual(plainUrl("/%252e%252e%252fetc"), "/../etc");
  strictEqual(plainUrl("/%25252e"), "/.");
  strictEqual(plainUrl("/%2525252e"), "/%2e");
  strictEqual(plainUrl("/?q=\\x22\\x3e%3Cscript"), '/?q="><script');
});

Deno.test("white space is a blank; other control characters and what is not ASCII stay escaped", () => {
  strictEqual(plainUrl("/?q=1%0aunion%09all%0Dselect%201"), "/?q=1 union all select 1");
  strictEqual(plainUrl("/%00%1b%7f%c0%af%C3%BC%2e"), "/%00%1b%7f%c0%af%C3%BC.");
  strictEqual(plainUrl("/%00%c0%af"), undefined);
});

Deno.test("a plus is a blank behind the question mark only", () => {
  strictEqual(plainUrl("/c++/a?q=a+b+c"), "/c++/a?q=a b c");
  strictEqual(plainUrl("/c++"), undefined);
  strictEqual(plainUrl("/a?q=%2b"), "/a?q=+");
});

Deno.test("nothing to undo: nothing is said", () => {
  for (const url of ["", "/", "/index.html?a=b", "/100%", "/%zz", "/%", "/%2", "*"]) {
    strictEqual(plainUrl(url), undefined);
  }
});

Deno.test("what was escaped up to the stated number of times comes out as it was", () => {
  const escape = (text: string) =>
    Array.from(text, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
  const visible = fc.string({ unit: fc.constantFrom(..."abcz/.<>'\"();=&-_"), minLength: 1, maxLength: 20 });
  fc.assert(fc.property(visible, fc.integer({ min: 1, max: URL_ROUNDS_MAX }), (text, times) => {
    let escaped = text;
    for (let i = 0; i < times; i++) escaped = escape(escaped);
    strictEqual(plainUrl(escaped), text);
  }));
});

Deno.test("whatever is sent, what comes out is not longer and holds no control character", () => {
  const unit = fc.constantFrom("%", "0", "a", "2", "e", "5", "\\x", "+", "?", "/", "%25", "%0d", "%1b");
  fc.assert(fc.property(fc.string({ unit, maxLength: 60 }), (url) => {
    const plain = plainUrl(url) ?? url;
    ok(plain.length <= url.length);
    // deno-lint-ignore no-control-regex -- that there is none is what is shown
    ok(!/[\x00-\x1f\x7f]/.test(plain));
  }));
});
