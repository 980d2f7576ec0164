/** How messages of SNMPv3 are secured: the words for it. */

/** How messages of version 3 are secured, the least first. */
export const LEVELS = ["noAuthNoPriv", "authNoPriv", "authPriv"] as const;

export type SecurityLevel = (typeof LEVELS)[number];

/** The highest level that the keys at hand allow. */
export function highestLevel(auth: unknown, priv: unknown): SecurityLevel {
  if (auth === undefined) return "noAuthNoPriv";
  return priv === undefined ? "authNoPriv" : "authPriv";
}

/** Protocols that sign and that encrypt, as people write them. */
export const AUTH_PROTOCOLS = ["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"] as const;
export const PRIV_PROTOCOLS = ["DES", "AES-128", "AES-256", "AES-256-cisco"] as const;

export type AuthProtocol = (typeof AUTH_PROTOCOLS)[number];
export type PrivProtocol = (typeof PRIV_PROTOCOLS)[number];
