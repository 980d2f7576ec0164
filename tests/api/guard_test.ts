import { match, ok, strictEqual } from "node:assert/strict";
import { loopbackNames } from "../../src/api/mod.ts";
import { Secret } from "../../src/core/schema.ts";
import { ask, withApi } from "./asked_app.ts";

Deno.test("with a token, everything but /health asks for it", async () => {
  await withApi(
    async ({ app }) => {
      const status = async (path: string, authorization?: string) =>
        (await ask(app, path, authorization === undefined ? {} : { headers: { authorization } })).status;
      strictEqual(await status("/health"), 200);
      for (const path of ["/", "/metrics", "/api/v1/scores", "/none", "/health/", "//health"]) {
        strictEqual(await status(path), 401, path);
      }
      for (const wrong of ["", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3cret7", "Basic s3cret", "s3cret"]) {
        strictEqual(await status("/api/v1/scores", wrong), 401, wrong);
      }
      strictEqual(await status("/api/v1/scores", "Bearer s3cret"), 200);
      strictEqual(await status("/api/v1/scores", "bearer  s3cret"), 200);
      const { headers, json } = await ask(app, "/api/v1/scores");
      strictEqual(headers.get("www-authenticate"), 'Bearer realm="weir"');
      match(json.detail, /must carry the token/);
    },
    {},
    { token: new Secret("s3cret"), hostNames: null },
  );
});

Deno.test("on loopback, only this machine's names are answered", async () => {
  await withApi(
    async ({ app }) => {
      const status = async (host: string) => (await ask(app, "/api/v1/scores", { headers: { host } })).status;
      for (const host of ["localhost", "LOCALHOST:8470", "127.0.0.1", "127.0.0.1:9", "[::1]:8470", "[::1]"]) {
        strictEqual(await status(host), 200, host);
      }
      for (
        const host of [
          "evil.example",
          "evil.example:8470",
          "localhost.evil.example",
          "127.0.0.1.nip.io",
          "[::2]",
          "::1",
        ]
      ) {
        strictEqual(await status(host), 421, host);
      }
      strictEqual((await ask(app, "/health", { headers: { host: "evil.example" } })).status, 421);
    },
    {},
    { hostNames: loopbackNames("127.0.0.1") },
  );
});

Deno.test("the names of a listener hold its own address", () => {
  ok(loopbackNames("127.0.0.2").includes("127.0.0.2"));
  ok(loopbackNames("::1").includes("[::1]"));
});

Deno.test("every answer forbids caching, framing, sniffing and running, and no other origin may read it", async () => {
  await withApi(async ({ app }) => {
    for (const path of ["/", "/health", "/metrics", "/api/v1/events", "/none", "/api/v1/events?limit=0"]) {
      const { headers } = await ask(app, path, { headers: { origin: "https://evil.example" } });
      strictEqual(headers.get("cache-control"), "no-store", path);
      strictEqual(headers.get("x-content-type-options"), "nosniff", path);
      strictEqual(headers.get("x-frame-options"), "DENY", path);
      match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
      strictEqual(headers.get("access-control-allow-origin"), null, path);
    }
  });
});
