/**
 * Ciphers of SNMPv3 privacy that the runtime's `node:crypto` lacks: AES in CFB mode (RFC 3826, and its 256-bit kin) and single
 * DES (RFC 3414). net-snmp asks `node:crypto` for them by name, so those names are served here; every other name goes where it
 * went before.
 */

import crypto from "node:crypto";
import { Buffer } from "node:buffer";
import { cfb } from "@noble/ciphers/aes.js";

/** What of a cipher net-snmp uses: one `update` with the whole, then `final`. */
interface WholeCipher {
  update(data: Uint8Array): Buffer;
  final(): Buffer;
}

type Maker = (name: string, key: Uint8Array, iv: Uint8Array, ...rest: unknown[]) => unknown;

type Direction = "encrypt" | "decrypt";

let isInstalled = false;

/** Makes the ciphers known to `node:crypto`. To be called before net-snmp is loaded; further calls do nothing. */
export function installCiphers(): void {
  if (isInstalled) return;
  isInstalled = true;
  const served = crypto as unknown as { createCipheriv: Maker; createDecipheriv: Maker };
  served.createCipheriv = serving("encrypt", served.createCipheriv);
  served.createDecipheriv = serving("decrypt", served.createDecipheriv);
}

function serving(direction: Direction, before: Maker): Maker {
  return (name, key, iv, ...rest) => {
    switch (name) {
      case "aes-128-cfb":
        return wholeCfb(direction, key.subarray(0, 16), iv);
      case "aes-256-cfb":
        return wholeCfb(direction, key.subarray(0, 32), iv);
      case "des-cbc":
        // Encrypting, decrypting and encrypting again with one key is encrypting once.
        return before("des-ede3-cbc", Buffer.concat([key, key, key]), iv, ...rest);
      default:
        return before(name, key, iv, ...rest);
    }
  };
}

/** CFB carries state from one block to the next, so a second `update` would go wrong unseen: it is refused. */
function wholeCfb(direction: Direction, key: Uint8Array, iv: Uint8Array): WholeCipher {
  const mode = cfb(Uint8Array.from(key), Uint8Array.from(iv));
  let isUsed = false;
  return {
    update(data) {
      if (isUsed) throw new Error(`Cannot ${direction} in parts as AES in CFB mode takes the whole at once`);
      isUsed = true;
      return data.length === 0 ? Buffer.alloc(0) : Buffer.from(mode[direction](Uint8Array.from(data)));
    },
    final: () => Buffer.alloc(0),
  };
}
