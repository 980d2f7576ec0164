/** net-snmp, as far as it is used here, with types, and loaded when a device is first asked. */

import type { Buffer } from "node:buffer";
import { installKeys } from "./keys.ts";

/** A value as net-snmp reads it: of Counter64, OctetString and Opaque the bytes. */
export interface RawVarbind {
  readonly oid: string;
  readonly type: number;
  readonly value: number | string | boolean | Buffer | null;
}

export type Answer<T> = (error: Error | null, answer?: T) => void;

/** A session of net-snmp's. It sends again by itself until its tries are used up. */
export interface RawSession {
  get(oids: readonly string[], done: Answer<RawVarbind[]>): void;
  getNext(oids: readonly string[], done: Answer<RawVarbind[]>): void;
  getBulk(
    oids: readonly string[],
    nonRepeaters: number,
    maxRepetitions: number,
    done: Answer<(RawVarbind | RawVarbind[])[]>,
  ): void;
  close(): void;
  on(event: "error", listener: (error: Error) => void): void;
}

/** An SNMPv3 user, in net-snmp's words. */
export interface RawUser {
  readonly name: string;
  readonly level: number;
  readonly authProtocol?: number;
  readonly authKey?: string;
  readonly privProtocol?: number;
  readonly privKey?: string;
}

/** What a session is made with. */
export interface RawSessionOptions {
  readonly version: number;
  readonly port: number;
  readonly transport: "udp4" | "udp6";
  readonly timeout: number;
  readonly retries: number;
  readonly context?: string;
  /** Where its socket comes from, instead of `node:dgram`. */
  readonly dgramModule: { createSocket(transport: "udp4" | "udp6"): unknown };
}

/** The door of net-snmp. */
export interface NetSnmp {
  createSession(target: string, community: string, options: RawSessionOptions): RawSession;
  createV3Session(target: string, user: RawUser, options: RawSessionOptions): RawSession;
  readonly Version1: number;
  readonly Version2c: number;
  readonly Version3: number;
  readonly SecurityLevel: Readonly<Record<"noAuthNoPriv" | "authNoPriv" | "authPriv", number>>;
  readonly AuthProtocols: Readonly<Record<string, number>>;
  readonly PrivProtocols: Readonly<Record<string, number>>;
  /** How keys are made; called by net-snmp under this name each time, so that another may stand there. */
  readonly Authentication: {
    readonly algorithms: Readonly<Record<number, { readonly CRYPTO_ALGORITHM: string }>>;
    passwordToKey(protocol: number, password: string | Buffer, engineId: Uint8Array): Buffer;
  };
}

let loaded: Promise<NetSnmp> | undefined;

/** net-snmp, with the ciphers that it asks for, and its keys made as here. Loaded at the first call, so that who watches no device does not pay for it. */
export function netSnmp(): Promise<NetSnmp> {
  return loaded ??= (async () => {
    const { installCiphers } = await import("./ciphers.ts");
    installCiphers();
    const library = (await import("net-snmp")).default as NetSnmp;
    installKeys(library);
    return library;
  })();
}
