/** Fields that stand for one another, as `Image` does for `process.executable`, are looked through for the same texts. */

import type { Condition } from "../condition.ts";
import { testsOf } from "../compile.ts";

/** The number of the group that each field is in which a test names: two that one test names are in the same. */
export function groupFields(conditions: Iterable<Condition>): ReadonlyMap<string, number> {
  const parents = new Map<string, string>();
  for (const condition of conditions) {
    for (const { fields } of testsOf(condition)) {
      const [first] = fields;
      if (first === undefined) continue;
      const root = rootOf(parents, first);
      for (const field of fields) parents.set(rootOf(parents, field), root);
    }
  }
  const numbers = new Map<string, number>();
  const groups = new Map<string, number>();
  for (const field of parents.keys()) {
    const root = rootOf(parents, field);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    groups.set(field, number);
  }
  return groups;
}

/** The field that stands for a group; a field not seen before is a group of its own. */
function rootOf(parents: Map<string, string>, field: string): string {
  let root = field;
  for (let parent = parents.get(root); parent !== root; parent = parents.get(root)) {
    if (parent === undefined) {
      parents.set(root, root);
      return root;
    }
    root = parent;
  }
  return root;
}
