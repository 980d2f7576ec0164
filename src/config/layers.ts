/** A configuration comes in layers, later ones over earlier ones: profile, file, environment, command line. */

import type { Place } from "../core/errors.ts";
import { type ConfigNode, nodeAt } from "./tree.ts";

/** One source of values, and where each of them stands in it. */
export interface Layer {
  readonly value: unknown;
  place(path: readonly PropertyKey[], which: "key" | "value"): Place;
}

/** The layers as one. */
export interface Merged {
  /** Nested objects of its own, the layers being left as they are. */
  readonly value: Record<string, unknown>;
  /** The layer that a value, or the nearest one above it that was set, came from. */
  layerOf(path: readonly PropertyKey[]): Layer | undefined;
}

/**
 * Lays each layer over those before it: a mapping key by key, anything else whole. A section left empty (`log:` with
 * everything under it commented out) sets nothing.
 */
export function merge(tree: ConfigNode, layers: readonly Layer[]): Merged {
  const value: Record<string, unknown> = Object.create(null);
  const origins = new Map<string, Layer>();
  for (const layer of layers) if (isMapping(layer.value)) lay(tree, layer, layer.value, value, [], origins);
  return {
    value,
    layerOf(path) {
      for (let length = path.length; length > 0; length--) {
        const layer = origins.get(originKey(path.slice(0, length)));
        if (layer !== undefined) return layer;
      }
      return layers.at(-1);
    },
  };
}

function lay(
  tree: ConfigNode,
  layer: Layer,
  from: Record<string, unknown>,
  into: Record<string, unknown>,
  above: readonly string[],
  origins: Map<string, Layer>,
): void {
  for (const [key, value] of Object.entries(from)) {
    const path = [...above, key];
    if (value === null && nodeAt(tree, path)?.value.type === "section") continue;
    origins.set(originKey(path), layer);
    if (!isMapping(value)) {
      into[key] = value;
      continue;
    }
    const under = into[key];
    const merged: Record<string, unknown> = isMapping(under) ? under : Object.create(null);
    into[key] = merged;
    lay(tree, layer, value, merged, path, origins);
  }
}

/** Whether a value is a mapping of keys to values. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value a path leads to, or `undefined` where it leads nowhere. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[part];
  }
  return at;
}

function originKey(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}
