/** Secrets are written as themselves, `env:NAME` or `file:PATH`: here the latter two become what they stand for. */

import { type Diagnostic, messageOf } from "../core/errors.ts";
import type { ConfigAccess } from "./access.ts";
import { isMapping, type Merged } from "./layers.ts";
import { complaint } from "./problems.ts";
import type { ConfigNode } from "./tree.ts";

/** Size of the largest file taken as a secret: bytes. */
export const SECRET_FILE_BYTES_MAX = 65_536;

/**
 * A copy of the merged values with every reference to a secret resolved; those that cannot be are told of. `variables`: the
 * environment variables they name.
 */
export function resolveSecrets(
  tree: ConfigNode,
  merged: Merged,
  access: ConfigAccess,
): { value: unknown; variables: ReadonlySet<string>; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const variables = new Set<string>();
  const visit = (node: ConfigNode | undefined, value: unknown, path: readonly PropertyKey[]): unknown => {
    if (node === undefined) return value;
    const type = node.value;
    if (type.type === "secret" && typeof value === "string") {
      if (value.startsWith("env:")) variables.add(value.slice("env:".length));
      const found = resolveSecret(value, access);
      if ("secret" in found) return found.secret;
      diagnostics.push(complaint(tree, merged, path, found.must));
      return value;
    }
    if (type.type === "list" && Array.isArray(value)) return value.map((item, i) => visit(type.of, item, [...path, i]));
    if (!isMapping(value) || (type.type !== "section" && type.type !== "map")) return value;
    const copy: Record<string, unknown> = Object.create(null);
    for (const [key, member] of Object.entries(value)) {
      const under = type.type === "map" ? type.of : type.keys.find((child) => child.key === key);
      copy[key] = visit(under, member, [...path, key]);
    }
    return copy;
  };
  return { value: visit(tree, merged.value, []), variables, diagnostics };
}

/** What a secret as it is written stands for, or what it must be instead. */
export function resolveSecret(text: string, access: ConfigAccess): { secret: string } | { must: string } {
  if (text.startsWith("env:")) {
    const name = text.slice("env:".length);
    const secret = Object.hasOwn(access.env, name) ? access.env[name] : undefined;
    return secret === undefined ? { must: `must name an environment variable that is set, not "${name}"` } : { secret };
  }
  if (!text.startsWith("file:")) return { secret: text };
  const path = text.slice("file:".length);
  try {
    return { secret: access.readTextFile(path, SECRET_FILE_BYTES_MAX).replace(/\r?\n$/, "") };
  } catch (error) {
    return { must: `must name a file that can be read, not "${path}" (${messageOf(error)})` };
  }
}
