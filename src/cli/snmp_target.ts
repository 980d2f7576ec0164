/** A device as a command line names it: where it is, and who asks. */

import { isIPv6 } from "node:net";
import { type Command, Option } from "commander";
import { PASSWORD_MIN } from "../collectors/snmp/security_schema.ts";
import { AUTH_PROTOCOLS, highestLevel, LEVELS, PRIV_PROTOCOLS } from "../collectors/snmp/security.ts";
import type { DeviceAccess } from "../collectors/snmp/session.ts";
import { systemAccess } from "../config/access.ts";
import { resolveSecret } from "../config/secrets.ts";
import { quoteValue, UsageError } from "../core/errors.ts";
import { Secret } from "../core/schema.ts";
import { countOption, durationOption } from "./options.ts";

export interface TargetFlags {
  readonly snmpVersion?: string;
  readonly community?: string;
  readonly user?: string;
  readonly level?: string;
  readonly context?: string;
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
    .option("--context <name>", "of version 3, where the agent has several")
    .option("--auth-protocol <name>", AUTH_PROTOCOLS.join(", "), "SHA")
    .option("--auth-password <secret>", "env:NAME, file:PATH, or the text itself, which others on this machine can see")
    .option("--priv-protocol <name>", PRIV_PROTOCOLS.join(", "), "AES-128")
    .option("--priv-password <secret>", "likewise")
    .addOption(
      new Option("--timeout <duration>", "how long a try waits for an answer").argParser(durationOption)
        .default(2_000, "2s"),
    )
    .option("--tries <count>", "how often it is asked before it is given up", countOption, 2);
}

/** @throws {UsageError} for what is missing, or is none of what there is. */
export function targetAccess(target: string, flags: TargetFlags): DeviceAccess {
  const version = oneOf("--snmp-version", flags.snmpVersion ?? (flags.user === undefined ? "2c" : "3"), VERSIONS);
  refuseOthers(flags, version);
  const base = { ...parseTarget(target), version, timeout: flags.timeout, retries: flags.tries - 1 };
  if (version !== "3") return { ...base, community: secretOf("--community", flags.community ?? "public") };
  if (flags.user === undefined) throw new UsageError("Cannot ask by version 3 as --user must be given");
  return { ...base, user: flags.user, context: flags.context, ...securityOf(flags) };
}

/** Options of another version are a mistake: what they say would not be done. */
function refuseOthers(flags: TargetFlags, version: (typeof VERSIONS)[number]): void {
  const { community, user, level, context, authPassword, privPassword } = flags;
  const others: Readonly<Record<string, string | undefined>> = version === "3" ? { "--community": community } : {
    "--user": user,
    "--level": level,
    "--context": context,
    "--auth-password": authPassword,
    "--priv-password": privPassword,
  };
  const given = Object.keys(others).find((option) => others[option] !== undefined);
  if (given === undefined) return;
  const needs = version === "3"
    ? "--community is of versions 1 and 2c"
    : `${given} is of version 3, which --user asks for`;
  throw new UsageError(`Cannot ask by version ${version} as ${given} must not be given: ${needs}`);
}

/** Level and keys of version 3. */
function securityOf(flags: TargetFlags): Pick<DeviceAccess, "level" | "auth" | "priv"> {
  const auth = flags.authPassword === undefined ? undefined : {
    protocol: oneOf("--auth-protocol", flags.authProtocol, AUTH_PROTOCOLS),
    password: passwordOf("--auth-password", flags.authPassword),
  };
  const priv = flags.privPassword === undefined ? undefined : {
    protocol: oneOf("--priv-protocol", flags.privProtocol, PRIV_PROTOCOLS),
    password: passwordOf("--priv-password", flags.privPassword),
  };
  const level = oneOf("--level", flags.level ?? highestLevel(auth, priv), LEVELS);
  if (level !== "noAuthNoPriv" && auth === undefined) {
    throw new UsageError(`Cannot ask by the level ${level} as --auth-password must be given`);
  }
  if ((level === "authPriv" && priv === undefined) || (priv !== undefined && auth === undefined)) {
    throw new UsageError("Cannot ask by the level authPriv as --auth-password and --priv-password must be given");
  }
  return { level, auth, priv };
}

const VERSIONS = ["1", "2c", "3"] as const;

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
