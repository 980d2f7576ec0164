/** Who asks and who tells by version 3, as it is configured: of devices and of those who send traps alike. */

import { z } from "zod";
import { secretSchema } from "../../core/schema.ts";
import { AUTH_PROTOCOLS, LEVELS, PRIV_PROTOCOLS, type SecurityLevel } from "./security.ts";

/** The shortest password that makes a key of SNMPv3 (RFC 3414, section 11.2). */
export const PASSWORD_MIN = 8;

const password = secretSchema()
  .refine((secret) => secret.reveal().length >= PASSWORD_MIN, `must have at least ${PASSWORD_MIN} characters`)
  .describe("What the key is made of.");

export const userSchema = z.string().min(1).max(32);
export const levelSchema = z.enum(LEVELS);

export const authSchema = z.strictObject({
  protocol: z.enum(AUTH_PROTOCOLS).default("SHA").describe("How messages are signed."),
  password,
});

export const privSchema = z.strictObject({
  protocol: z.enum(PRIV_PROTOCOLS).default("AES-128")
    .describe("How messages are encrypted. AES-256-cisco is AES-256 with keys as Cisco makes them."),
  password,
});

/** What is amiss with a level and the keys that are there, by the key that it is about. */
export function missingKeys(
  { level, auth, priv }: {
    readonly level?: SecurityLevel | undefined;
    readonly auth?: unknown;
    readonly priv?: unknown;
  },
): (readonly [key: "auth" | "priv", must: string])[] {
  const missing: (readonly [key: "auth" | "priv", must: string])[] = [];
  if (auth === undefined && level !== undefined && level !== "noAuthNoPriv") {
    missing.push(["auth", `must be there for the level ${level}`]);
  } else if (auth === undefined && priv !== undefined) {
    missing.push(["auth", "must be there where priv is"]);
  }
  if (priv === undefined && level === "authPriv") missing.push(["priv", "must be there for the level authPriv"]);
  return missing;
}
