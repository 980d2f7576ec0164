/** Every kind of event that this Weir can yield: the collectors' and its own. */

import { COLLECTORS } from "../collectors/registry.ts";
import type { KindDescription } from "../core/collector.ts";
import { SELF_KINDS } from "./self.ts";

const all: readonly KindDescription[] = [...COLLECTORS.flatMap(({ kinds }) => kinds), ...SELF_KINDS];

/** Of a kind that several collectors yield, the first one's description. */
export const KINDS: readonly KindDescription[] = [
  ...new Map(all.toReversed().map((description) => [description.kind, description])).values(),
].toReversed();

export const KNOWN_KINDS: ReadonlySet<string> = new Set(KINDS.map(({ kind }) => kind));
