import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import { COLLECTORS } from "../../src/collectors/registry.ts";
import { loadConfig } from "../../src/config/load.ts";
import { configTemplate, showConfig } from "../../src/config/written.ts";
import { fakeAccess } from "./access.ts";

const loadText = (text: string, env = {}) =>
  loadConfig({ access: fakeAccess({ files: { "weir.yaml": text, "profiles/server.yaml": "" }, env }) });

Deno.test("configTemplate: as it stands it is the default configuration", () => {
  deepStrictEqual(loadText(configTemplate()).config, loadText("").config);
});

Deno.test("configTemplate: with every key uncommented it is taken, and names every key", () => {
  const text = configTemplate().replaceAll(/^( *)# (\w+:)/gm, "$1$2");
  const files = { "weir.yaml": text, "profiles/server.yaml": "", "/etc/weir/token": "a-secret" };
  const { config } = loadConfig({ access: fakeAccess({ files }) });
  const { host, profile, api, ...rest } = withoutTrapListener(config);
  const { host: _host, profile: _profile, api: _api, ...defaults } = loadText("").config;
  deepStrictEqual(rest, defaults);
  ok(host.length > 0 && profile !== undefined && api.token !== undefined);
});

/** Traps are listened for where an address is set, so that the example of one stands for no default. */
function withoutTrapListener<Config extends { readonly collectors: Record<string, unknown> }>(config: Config): Config {
  const { listen: _listen, ...traps } = Object(Object(config.collectors.snmp).traps);
  return { ...config, collectors: { ...config.collectors, snmp: { ...Object(config.collectors.snmp), traps } } };
}

Deno.test("configTemplate: no line but a single value is wider than the page", () => {
  for (const line of configTemplate().split("\n")) ok(line.length <= 120 || /^ *# \w+: /.test(line), line);
});

Deno.test("showConfig: what is in force and where each value came from; it is YAML that loads", () => {
  const loaded = loadText("listen: 127.0.0.1:9000\nlog:\n  level: debug\nrules: { directories: [a, b] }\n", {
    WEIR_DATA: "/srv",
  });
  const shown = showConfig(loaded);
  const lines = shown.split("\n");
  ok(lines.includes("# read: weir.yaml"));
  ok(lines.includes("listen: 127.0.0.1:9000 # weir.yaml:1"));
  ok(lines.includes("  level: debug # weir.yaml:3"));
  ok(lines.includes("  directories: [a, b] # weir.yaml:4"));
  ok(lines.includes("data: /srv # env:WEIR_DATA"));
  ok(lines.includes("host: test-host # default"));
  ok(lines.includes("    interval: 60s # default"));
  deepStrictEqual(loadText(shown).config, loaded.config);
});

Deno.test("showConfig: a secret is not shown, however it was given", () => {
  for (const token of ["hunter2", "env:TOKEN", "file:/run/token"]) {
    const files = { "weir.yaml": `api: { token: "${token}" }`, "/run/token": "hunter2" };
    const shown = showConfig(loadConfig({ access: fakeAccess({ files, env: { TOKEN: "hunter2" } }) }));
    ok(!shown.includes("hunter2"), shown);
    strictEqual(parse(shown).api.token, "***");
  }
});

Deno.test("sample.yaml of each collector is a configuration that loads, of that collector alone", async () => {
  for (const { name } of COLLECTORS) {
    const path = new URL(`../../src/collectors/${name}/sample.yaml`, import.meta.url);
    const { written } = loadText(await Deno.readTextFile(path));
    deepStrictEqual(Object.keys(written), ["collectors"]);
    deepStrictEqual(Object.keys(written.collectors ?? {}), [name]);
  }
});
