import { match, ok, strictEqual, throws } from "node:assert/strict";
import { loopbackNames, serve } from "../../src/api/mod.ts";
import { UsageError } from "../../src/core/errors.ts";
import { withApi } from "./asked_app.ts";

Deno.test("the API is served, and is no more once closed", async () => {
  await withApi(
    async ({ app }) => {
      const serving = serve(app, { hostname: "127.0.0.1", port: 0 });
      const response = await fetch(`${serving.url}/health`);
      strictEqual(response.status, 200);
      strictEqual((await response.json()).status, "ok");
      await serving.close();
      await fetch(`${serving.url}/health`).then(
        () => ok(false, "it still answers"),
        (error) => ok(error instanceof TypeError),
      );
    },
    {},
    { hostNames: loopbackNames("127.0.0.1") },
  );
});

Deno.test("an address in use, or of another machine, is one clear line", async () => {
  await withApi(async ({ app }) => {
    const serving = serve(app, { hostname: "127.0.0.1", port: 0 });
    const refused = (address: { hostname: string; port: number }, expected: RegExp) =>
      throws(() => serve(app, address), (error: unknown) => {
        ok(error instanceof UsageError);
        match(error.message, expected);
        ok(!error.message.includes("\n"));
        return true;
      });
    refused({ hostname: "127.0.0.1", port: serving.port }, /^Cannot serve the API as 127\.0\.0\.1:\d+ must be free/);
    refused({ hostname: "192.0.2.1", port: 0 }, /must be an address of this machine/);
    await serving.close();
  });
});
