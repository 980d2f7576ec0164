/** What can be configured about traps. */

import { isIP } from "node:net";
import { z } from "zod";
import { secretSchema } from "../../core/schema.ts";
import { authSchema, levelSchema, missingKeys, privSchema, userSchema } from "./security_schema.ts";
import { targetOf } from "./target.ts";

/** Where traps are listened for. */
export interface TrapListen {
  readonly hostname: string;
  readonly port: number;
}

const LISTEN_FORM = 'must be an address and a port, such as "127.0.0.1:162", "0.0.0.0:162" or "[::]:162"';

/** An address and a port. A name is not taken: what it stands for can change, and what is listened on should not. */
export function parseTrapListen(text: string): TrapListen | undefined {
  const found = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const hostname = found?.[1] ?? found?.[2] ?? "";
  const port = Number(found?.[3]);
  if (isIP(hostname) !== (found?.[1] === undefined ? 4 : 6) || port < 1 || port > 65_535) return undefined;
  return { hostname, port };
}

/** An address and a port as {@linkcode parseTrapListen} reads them. */
export function listenText({ hostname, port }: TrapListen): string {
  return targetOf({ host: hostname, port });
}

const listenSchema = z.string({ error: LISTEN_FORM }).transform((text, context) => {
  const listen = parseTrapListen(text);
  if (listen !== undefined) return listen;
  context.issues.push({ code: "custom", message: LISTEN_FORM, input: text });
  return z.NEVER;
});

const trapUserSchema = z.strictObject({
  user: userSchema.describe("Name of the user."),
  level: levelSchema.default("authPriv").describe("The least that is asked of its messages."),
  auth: authSchema.optional().describe("For authNoPriv and authPriv."),
  priv: privSchema.optional().describe("For authPriv."),
}).superRefine((user, context) => {
  for (const [key, message] of missingKeys(user)) context.addIssue({ code: "custom", message, path: [key] });
});

export const trapsSchema = z.strictObject({
  listen: listenSchema.optional()
    .describe("Where traps and informs are listened for, as address:port. Off while it is not set.")
    .meta({ examples: ["127.0.0.1:162"] }),
  communities: z.array(secretSchema()).prefault([])
    .describe("Communities that traps of v1 and v2c are taken with, beside those of the devices.")
    .meta({ examples: [["env:TRAP_COMMUNITY"]] }),
  users: z.array(trapUserSchema).prefault([])
    .describe("Users that traps of v3 are taken from, beside those of the devices."),
  rate_max: z.int().min(1).max(50_000).default(1_000)
    .describe("Traps decoded a second; those over it are dropped and counted."),
});

export type TrapsConfig = z.output<typeof trapsSchema>;
