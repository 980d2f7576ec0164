/** Every kind of event that this Weir can yield: the collectors' and its own. */

import { COLLECTORS } from "../collectors/registry.ts";
import type { KindDescription } from "../core/collector.ts";
import { SELF_KINDS } from "./self.ts";

export const KINDS: readonly KindDescription[] = [...COLLECTORS.flatMap(({ kinds }) => kinds), ...SELF_KINDS];

export const KNOWN_KINDS: ReadonlySet<string> = new Set(KINDS.map(({ kind }) => kind));
