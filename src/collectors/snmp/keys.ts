/**
 * Keys of SNMPv3 (RFC 3414, appendix A.2): a megabyte of the password is hashed, and what comes of it is hashed with the engine's
 * identifier. net-snmp does both for each engine, six milliseconds a key, and keeps every key of every engine it ever heard of.
 * Here what comes of the megabyte is kept instead: that is one for each password, after which a key costs microseconds.
 */

import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import type { NetSnmp } from "./library.ts";

/**
 * Hashes of passwords that are kept; past this the one that was used longest ago goes. Passwords are few, but AES-256-cisco takes the
 * key of each engine for another password.
 */
export const HASHES_MAX = 20_000;

/** How much of a password, over and over, is hashed: bytes. */
const HASHED_BYTES = 1_048_576;

/** Has net-snmp make its keys so. To be called once, after it is loaded. */
export function installKeys({ Authentication }: Pick<NetSnmp, "Authentication">): void {
  const kept = new Map<string, Buffer>();
  Authentication.passwordToKey = (protocol, password, engineId) => {
    const algorithm = Authentication.algorithms[protocol]?.CRYPTO_ALGORITHM ?? "sha1";
    const name = typeof password === "string" ? `${algorithm}:${password}` : `${algorithm}#${password.toString("hex")}`;
    const hash = kept.get(name) ?? createHash(algorithm).update(Buffer.alloc(HASHED_BYTES, password)).digest();
    kept.delete(name);
    kept.set(name, hash);
    for (const oldest of kept.keys()) {
      if (kept.size <= HASHES_MAX) break;
      kept.delete(oldest);
    }
    return createHash(algorithm).update(hash).update(engineId).update(hash).digest();
  };
}
