/** A device as a command line names it: where it is, and who asks. */

import { isIPv6 } from "node:net";
import type { Command } from "commander";
import { AUTH_PROTOCOLS, type DeviceAccess, PRIV_PROTOCOLS } from "../collectors/snmp/session.ts";
import { resolveSecret, systemAccess } from "../config/mod.ts";
import { quoteValue, UsageError } from "../core/errors.ts";
import { Secret } from "../core/schema.ts";
import { countOption, durationOption } from "./options.ts";

export interface TargetFlags {
  readonly snmpVersion?: string;
  readonly community?: string;
  readonly user?: string;
  readonly level?: string;
  readonly authProtocol: string;
  readonly authPassword?: string;
  readonly privProtocol: string;
  readonly privPassword?: string;
  readonly timeout: number;
  readonly tries: number;
}

/** Adds the options that say how a device is asked. */
export function withTarget(command: Command): Command {
  return command
    .option("--snmp-version <version>", "1, 2c or 3; by default 2c, and 3 with --user")
    .option("--community <secret>", "of versions 1 and 2c: env:NAME, file:PATH, or the text itself (default: public)")
    .option("--user <name>", "of version 3")
    .option("--level <level>", "noAuthNoPriv, authNoPriv or authPriv; by default what the passwords allow")
    .option("--auth-protocol <name>", AUTH_PROTOCOLS.join(", "), "SHA")
    .option("--auth-password <secret>", "env:NAME, file:PATH, or the text itself, which others on this machine can see")
    .option("--priv-protocol <name>", PRIV_PROTOCOLS.join(", "), "AES-128")
    .option("--priv-password <secret>", "likewise")
    .option("--timeout <duration>", "how long a try waits for an answer", durationOption, 2_000)
    .option("--tries <count>", "how often it is asked before it is given up", countOption, 2);
}

/** @throws {UsageError} for what is missing, or is none of what there is. */
export function targetAccess(target: string, flags: TargetFlags): DeviceAccess {
  const version = oneOf("--snmp-version", flags.snmpVersion ?? (flags.user === undefined ? "2c" : "3"), VERSIONS);
  const base = { ...parseTarget(target), version, timeout: flags.timeout, retries: flags.tries - 1 };
  if (version !== "3") return { ...base, community: secretOf("--community", flags.community ?? "public") };
  if (flags.user === undefined) throw new UsageError("Cannot ask by version 3 as --user must be given");
  const auth = flags.authPassword === undefined ? undefined : {
    protocol: oneOf("--auth-protocol", flags.authProtocol, AUTH_PROTOCOLS),
    password: passwordOf("--auth-password", flags.authPassword),
  };
  const priv = flags.privPassword === undefined ? undefined : {
    protocol: oneOf("--priv-protocol", flags.privProtocol, PRIV_PROTOCOLS),
    password: passwordOf("--priv-password", flags.privPassword),
  };
  const highest = auth === undefined ? "noAuthNoPriv" : priv === undefined ? "authNoPriv" : "authPriv";
  const level = oneOf("--level", flags.level ?? highest, LEVELS);
  if (level !== "noAuthNoPriv" && auth === undefined) {
    throw new UsageError(`Cannot ask by the level ${level} as --auth-password must be given`);
  }
  if ((level === "authPriv" && priv === undefined) || (priv !== undefined && auth === undefined)) {
    throw new UsageError("Cannot ask by the level authPriv as --auth-password and --priv-password must be given");
  }
  return { ...base, user: flags.user, level, auth, priv };
}

const VERSIONS = ["1", "2c", "3"] as const;
const LEVELS = ["noAuthNoPriv", "authNoPriv", "authPriv"] as const;

/** Ports and hosts: `switch`, `10.0.0.1:1161`, `[2001:db8::1]:161`, `2001:db8::1`. */
export function parseTarget(text: string): { readonly host: string; readonly port: number } {
  const found = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text);
  const bracketed = found?.[1];
  const host = isIPv6(text) ? text : bracketed === undefined || isIPv6(bracketed) ? bracketed ?? found?.[2] : undefined;
  const port = Number(found?.[3] ?? 161);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new UsageError(
      `Cannot ask a device as TARGET must be a host, or host:port: current value is ${quoteValue(text)}`,
    );
  }
  return { host, port };
}

function oneOf<T extends string>(option: string, value: string, of: readonly T[]): T {
  const found = of.find((one) => one.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(
    `Cannot ask a device as ${option} must be one of ${of.join(", ")}: current value is ${quoteValue(value)}`,
  );
}

/** The shortest password that makes a key of SNMPv3 (RFC 3414, section 11.2). */
const PASSWORD_MIN = 8;

function passwordOf(option: string, text: string): Secret {
  const password = secretOf(option, text);
  if (password.reveal().length >= PASSWORD_MIN) return password;
  throw new UsageError(`Cannot ask a device as ${option} must have at least ${PASSWORD_MIN} characters`);
}

function secretOf(option: string, text: string): Secret {
  const found = resolveSecret(text, systemAccess());
  if ("must" in found) throw new UsageError(`Cannot ask a device as ${option} ${found.must}`);
  return new Secret(found.secret);
}
