/** Addresses in one form, so that two of them can be compared as texts. */

import { isIPv6 } from "node:net";

/** An address in its one form: of IPv6 there are many, and it can hold an IPv4 one. A zone (`%eth0`) is left out; a name stays. */
export function plainAddress(address: string): string {
  const bare = address.split("%")[0] ?? address;
  if (!isIPv6(bare)) return bare;
  const form = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(form);
  if (mapped === null) return form;
  const bytes = [mapped[1], mapped[2]].flatMap((part = "") => [parseInt(part, 16) >> 8, parseInt(part, 16) & 255]);
  return bytes.join(".");
}
