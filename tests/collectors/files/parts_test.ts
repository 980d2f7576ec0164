/** The parts by themselves: patterns, mounts, what is moved, what the kernel writes, names of owners. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { homeFolders, parsePasswd } from "../../../src/core/passwd.ts";
import type { Entry } from "../../../src/collectors/files/entry.ts";
import { decodeEntries, encodeEntries } from "../../../src/collectors/files/entry.ts";
import { matchesName, pathMatcher } from "../../../src/collectors/files/glob.ts";
import { noticesIn } from "../../../src/collectors/files/inotify.ts";
import { foreignMounts } from "../../../src/collectors/files/mounts.ts";
import { type Difference, withMoves } from "../../../src/collectors/files/round.ts";
import { filesSchema } from "../../../src/collectors/files/schema.ts";

Deno.test("files: patterns of names and of paths", () => {
  const cases: [pattern: string, path: string, fits: boolean][] = [
    ["*.swp", "/etc/.a.swp", true],
    ["*.swp", "/etc/a.swpx", false],
    ["cache", "/etc/cache", true],
    ["cache", "/etc/cache/a", false],
    ["/etc/mtab", "/etc/mtab", true],
    ["/etc/mtab", "/etc/mtab/below", true],
    ["/etc/mtab", "/etc/mtab2", false],
    ["/etc/**/cache", "/etc/cache", true],
    ["/etc/**/cache", "/etc/a/b/cache/c", true],
    ["/etc/**/cache", "/srv/cache", false],
    ["/etc/?/x*z", "/etc/a/xyz", true],
    ["/etc/*/x", "/etc/a/b/x", false],
    ["/**", "/anything/at/all", true],
  ];
  for (const [pattern, path, fits] of cases) strictEqual(pathMatcher(pattern)(path), fits, `${pattern} ${path}`);
});

Deno.test("files: a pattern of a name means what the expression of the same meaning does, and never searches long", () => {
  const short = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
  fc.assert(fc.property(short, name, (pattern, name) => {
    const expression = new RegExp(`^${pattern.replaceAll("?", ".").replaceAll("*", ".*")}$`);
    strictEqual(matchesName(pattern, name), expression.test(name));
  }));
  strictEqual(matchesName("*a".repeat(500) + "b", "a".repeat(10_000)), false);
});

Deno.test("files: what is moved is one difference, and no path is lost or told twice", () => {
  const entry = (inode: number, name: string): Entry => ({
    name,
    type: "f",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 1,
    mtimeMs: 1,
    ctimeMs: 1,
    inode,
    links: 1,
    device: 0,
    content: `h${inode % 3}`,
    isSettled: true,
  });
  const difference = fc.record({ inode: fc.nat(5), name: fc.string({ minLength: 1, maxLength: 3 }), kind: fc.nat(2) });
  fc.assert(fc.property(fc.array(difference, { maxLength: 20 }), (drawn) => {
    const differences = drawn.map(({ inode, name, kind }, i): Difference => {
      const one = entry(inode, name);
      const path = `/${i}/${name}`;
      return kind === 0 ? { path, before: one } : kind === 1 ? { path, after: one } : { path, before: one, after: one };
    });
    const told = withMoves(differences);
    const paths = told.flatMap(({ path, from }) => (from === undefined ? [path] : [path, from]));
    deepStrictEqual(paths.sort(), differences.map(({ path }) => path).sort());
    for (const { from, before, after } of told) if (from !== undefined) strictEqual(before?.inode, after?.inode);
  }));
  deepStrictEqual(decodeEntries(encodeEntries([entry(1, "a\n\u0000☃")])), [entry(1, "a\n\u0000☃")]);
});

Deno.test("files: mounts that are none of this host's disks", () => {
  const table = [
    "21 1 254:0 / / rw - ext4 /dev/vda rw",
    "22 21 0:20 / /proc rw,nosuid - proc proc rw",
    "23 21 0:21 / /mnt/with\\040blank rw shared:1 - nfs4 server:/x rw",
    "24 21 0:22 / /boot/efi rw - vfat /dev/vda1 rw",
    "",
  ].join("\n");
  deepStrictEqual([...foreignMounts(table)], ["/proc", "/mnt/with blank"]);
  deepStrictEqual([...foreignMounts("nonsense")], []);
});

Deno.test("files: what the kernel writes of a folder", () => {
  const bytes = new Uint8Array(16 + 16 + 16);
  const view = new DataView(bytes.buffer);
  const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  view.setInt32(0, 7, isLittle);
  view.setUint32(4, 0x100, isLittle);
  view.setUint32(12, 16, isLittle);
  bytes.set(new TextEncoder().encode("name\n☃"), 16);
  view.setInt32(32, -1, isLittle);
  view.setUint32(36, 0x4000 | 0x8000, isLittle);
  deepStrictEqual(noticesIn(bytes), [
    { watch: 7, name: "name\n☃", isOver: false },
    { watch: -1, name: "", isOver: true },
  ]);
  deepStrictEqual(noticesIn(bytes.subarray(0, 10)), []);
});

Deno.test("files: names and homes out of passwd", () => {
  const text =
    "root:x:0:0::/root:/bin/sh\nann:x:5:5::/home/ann/:\nbob:x:6:6::/home/ann:\nx:x:7:7::/:\ny:x:8:8::relative:\n# no\n";
  strictEqual(parsePasswd(text).get("5"), "ann");
  deepStrictEqual(homeFolders(text), ["/root", "/home/ann"]);
});

Deno.test("files: paths that are none are refused", () => {
  for (const path of ["relative", "/", "/etc/../root", "~user/x", "/a/./b", ""]) {
    ok(!filesSchema.safeParse({ paths: [path] }).success, path);
  }
  ok(filesSchema.safeParse({ paths: ["~/.ssh/..x", "/etc/..data/x"] }).success);
});
