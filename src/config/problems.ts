/** What a schema finds wrong, told in the words of the configuration and with its place. */

import type { z } from "zod";
import { type Diagnostic, didYouMean, nameHint, type Place } from "../core/errors.ts";
import { SECRET_SHOWN } from "../core/schema.ts";
import { type Merged, valueAt } from "./layers.ts";
import { type ConfigNode, dotted, nodeAt, phrase } from "./tree.ts";

/** Every complaint of the schema about the merged layers. */
export function diagnose(tree: ConfigNode, merged: Merged, issues: readonly z.core.$ZodIssue[]): Diagnostic[] {
  return issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? unknownKeys(tree, merged, issue) : [wrongValue(tree, merged, issue)]
  );
}

/** One complaint about the value at a path; `must` is the end of the sentence: "must be a whole number". */
export function complaint(
  tree: ConfigNode,
  merged: Merged,
  path: readonly PropertyKey[],
  must: string,
  hint?: string,
): Diagnostic {
  const value = valueAt(merged.value, path);
  const current = value === undefined ? "none" : shown(nodeAt(tree, path), value);
  return {
    severity: "error",
    place: placeOf(merged, path, "value"),
    message: `Cannot configure ${dotted(path)} as it ${must}: current value is ${current}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function unknownKeys(tree: ConfigNode, merged: Merged, issue: z.core.$ZodIssueUnrecognizedKeys): Diagnostic[] {
  const section = nodeAt(tree, issue.path)?.value;
  const known = section?.type === "section" ? section.keys.map(({ key }) => key) : [];
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    return {
      severity: "error",
      place: placeOf(merged, path, "key"),
      message: `Cannot configure ${dotted(path)} as there is no such key`,
      hint: nameHint(key, known),
    };
  });
}

function wrongValue(tree: ConfigNode, merged: Merged, issue: z.core.$ZodIssue): Diagnostic {
  const node = nodeAt(tree, issue.path);
  const value = valueAt(merged.value, issue.path);
  const hint = value === null ? "leave the key out for its default" : slipHint(node, value);
  return complaint(tree, merged, issue.path, requirement(node, issue), hint);
}

/** What a text that is none of a choice was most likely meant to be. */
function slipHint(node: ConfigNode | undefined, value: unknown): string | undefined {
  if (node?.value.type !== "choice" || typeof value !== "string") return undefined;
  const near = didYouMean(value, node.value.of);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

function requirement(node: ConfigNode | undefined, issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith("must ")) return issue.message;
  if (issue.code === "too_small") {
    if (isLength(issue.origin) && issue.minimum === 1) return "must not be empty";
    return isLength(issue.origin)
      ? `must have at least ${issue.minimum} ${unit(issue)}`
      : `must be at least ${issue.minimum}`;
  }
  if (issue.code === "too_big") {
    return isLength(issue.origin)
      ? `must have at most ${issue.maximum} ${unit(issue)}`
      : `must be at most ${issue.maximum}`;
  }
  return node === undefined ? "must be of another form" : `must be ${phrase(node.value)}`;
}

function isLength(origin: string): boolean {
  return origin !== "number" && origin !== "int";
}

function unit({ origin }: { readonly origin: string }): string {
  return origin === "string" ? "characters" : "items";
}

/** Where a key or its value is written, in the layer it comes from. */
export function placeOf(merged: Merged, path: readonly PropertyKey[], which: "key" | "value"): Place {
  return merged.layerOf(path)?.place(path, which) ?? { path: "configuration", line: 1, column: 1 };
}

/** A value in an error message: never a secret, nor anything that was put where a section belongs and might hold one. */
function shown(node: ConfigNode | undefined, value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "keys and values";
  if (node === undefined || node.value.type === "secret") return SECRET_SHOWN;
  if (node.value.type === "section" || node.value.type === "map") {
    return `a ${typeof value === "string" ? "text" : typeof value}`;
  }
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}
