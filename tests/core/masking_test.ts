import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { createMasking, MASK, maskingSchema, SECRETS_MAX } from "../../src/core/masking.ts";
import { compileExpression } from "../../src/core/expression.ts";
import { DEFAULT_PATTERNS } from "../../src/core/masking_patterns.ts";

const { mask, maskArgs } = createMasking(maskingSchema.parse({}));

/** Texts with a secret, §, and what is left of them. */
const MASKED: readonly (readonly [text: string, masked: string])[] = [
  ["psql --password=§ -h db", "psql --password=*** -h db"],
  ["tool --password § next", "tool --password *** next"],
  ["tool --api-key §", "tool --api-key ***"],
  ["tool -token '§ §' next", "tool -token ***' next"],
  ["PGPASSWORD=§ psql", "PGPASSWORD=*** psql"],
  ["AWS_SECRET_ACCESS_KEY=§ aws s3 ls", "AWS_SECRET_ACCESS_KEY=*** aws s3 ls"],
  ["password = §", "password = ***"],
  ['{"password": "§", "user": "x"}', '{"password": ***", "user": "x"}'],
  ["user x, password: §, from", "user x, password: ***, from"],
  ["Server=a;Pwd=§;x", "Server=a;Pwd=***;x"],
  ["mysql -u root -p§ shop", "mysql -u root -p*** shop"],
  ["mysqldump -p§ shop", "mysqldump -p*** shop"],
  ["sshpass -p § ssh h", "sshpass -p *** ssh h"],
  ["curl -sS -u admin:§ http://h/", "curl -sS -u admin:*** http://h/"],
  ["curl --user 'admin:§' h", "curl --user 'admin:***' h"],
  ["redis-cli -h x -a § get k", "redis-cli -h x -a *** get k"],
  ["ldapsearch -x -w § -b dc", "ldapsearch -x -w *** -b dc"],
  ["smbclient //h/s -U admin%§", "smbclient //h/s -U admin%***"],
  ["openssl rsa -passin pass:§", "openssl rsa -passin pass:***"],
  ["echo root:§ | chpasswd", "echo root:*** | chpasswd"],
  ["git clone https://me:§@h/r.git", "git clone https://me:***@h/r.git"],
  ["GET /in?user=x&password=§&y=1 HTTP/1.1", "GET /in?user=x&password=***&y=1 HTTP/1.1"],
  ["curl -H 'Authorization: Bearer §' h", "curl -H 'Authorization: Bearer ***' h"],
  ["authorization: Basic §", "authorization: Basic ***"],
  ["Set-Cookie: id=§; Path=/", "Set-Cookie: ***"],
  ["-----BEGIN RSA PRIVATE KEY-----\n§\n§\n-----END RSA", "-----BEGIN RSA PRIVATE KEY-----***-----END RSA"],
];

const SECRET = "hunter2Zq";

Deno.test("masking: secrets where they are known to stand", () => {
  for (const [text, expected] of MASKED) {
    strictEqual(mask(text.replaceAll("§", SECRET)), expected);
  }
});

Deno.test("masking: keys that are known by their form", () => {
  const keys = [
    "AKIA" + "ABCD1234".repeat(2),
    "ghp_" + "aB3".repeat(12),
    "github_pat_" + "aB3_".repeat(9),
    "glpat-" + "aB3-".repeat(5),
    "xoxb-123-456-abc",
    "AIza" + "aB3".repeat(12),
    "sk_live_" + "aB3".repeat(8),
    "npm_" + "aB3".repeat(12),
    "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
  ];
  for (const key of keys) strictEqual(mask(`a ${key} b`), "a *** b");
});

Deno.test("masking: what only looks like a secret stays", () => {
  for (
    const text of [
      "Failed password for root from 192.0.2.1 port 22 ssh2",
      "pam_unix(passwd:chauthtok): password changed for root",
      "passwd: pam_unix(passwd:chauthtok): password changed for root",
      "gdm-password]: pam_unix(gdm-password:auth): authentication failure; logname= uid=0",
      "root : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/ls",
      'acct="root" exe="/usr/bin/passwd" hostname=? res=success',
      "docker login --password-stdin registry",
      "http://host:8080/a@b",
      "ssh -p 22 user@host",
      "npm_config_cache=/x",
      "Accepted publickey for x: RSA SHA256:abcdef",
      "",
    ]
  ) strictEqual(mask(text), text);
});

Deno.test("masking: of arguments, a value that is an argument of its own goes as a whole", () => {
  deepStrictEqual(maskArgs(["tool", "--password", "two words", "x"]), ["tool", "--password", MASK, "x"]);
  deepStrictEqual(maskArgs(["tool", "--password=two words", "x"]), ["tool", "--password=***", "x"]);
  deepStrictEqual(maskArgs(["mysql", "-psec ret", "shop"]), ["mysql", "-p***", "shop"]);
  const script = ["sh", "-c", "curl -u a:b http://h | tee y"];
  deepStrictEqual(maskArgs(script), ["sh", "-c", "curl -u a:*** http://h | tee y"]);
  const plain = ["ls", "-la", ""];
  strictEqual(maskArgs(plain), plain);
});

Deno.test("masking: patterns of one's own, with what they keep", () => {
  const own = createMasking(
    maskingSchema.parse({ defaults: false, patterns: ["(?i)(pin=)\\d+(;)", "EMP-\\d+", "[^ ]{40}"] }),
  );
  strictEqual(own.mask("PIN=1234; EMP-77 --password=x"), "PIN=***; *** --password=x");
  strictEqual(own.mask("x".repeat(40)), MASK);
  const none = createMasking(maskingSchema.parse({ defaults: false }));
  strictEqual(none.mask("--password=x"), "--password=x");
  for (const pattern of ["(", "(a)\\1", "x(?=y)"]) {
    ok(!maskingSchema.safeParse({ patterns: [pattern] }).success, pattern);
  }
});

Deno.test("masking: the secrets past the most that are looked for go with all behind them", () => {
  const text = mask("token=abc ".repeat(SECRETS_MAX + 5));
  ok(!text.includes("abc"));
  ok(text.endsWith(MASK));
});

Deno.test("masking: every pattern that comes with Weir runs on V8's linear engine", () => {
  for (const { expression, literals } of DEFAULT_PATTERNS) {
    const compiled = compileExpression(expression);
    ok(!("error" in compiled), expression);
    strictEqual(compiled.engine, "v8", expression);
    ok(literals !== undefined && literals.length > 0, expression);
  }
});

Deno.test("masking: what is masked in one text is masked in any other around it, and nothing of it is left", () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{6,20}$/);
  const around = fc.string({ unit: "binary-ascii", maxLength: 60 });
  fc.assert(
    fc.property(secret, fc.constantFrom(...MASKED), around, around, (secret, [form], before, after) => {
      const inside = form.replaceAll("§", secret);
      fc.pre(!before.includes(secret) && !after.includes(secret) && !form.includes(secret));
      const text = mask(`${before}\n${inside}\n${after}`);
      ok(!text.includes(secret), text);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("masking: anything at all is taken, and masking twice changes nothing more", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
    const once = mask(text);
    ok(once.length <= text.length + 3 * text.length);
    strictEqual(mask(once).replaceAll(/\*+/g, MASK), once.replaceAll(/\*+/g, MASK));
  }));
});

Deno.test("masking: a text made to make expressions search long is through at once", () => {
  for (const piece of ["mysql ", "a://", "password", "curl -u ", "eyJ", "--token ", "-----BEGIN ", "key=", "ghp_ "]) {
    const text = piece.repeat(100_000 / piece.length);
    const startMs = performance.now();
    mask(text);
    ok(performance.now() - startMs < 5_000, piece);
  }
});
