/** One device, asked: get, getnext and getbulk as promises, over net-snmp. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Secret } from "../../core/schema.ts";
import { type AskedAs, classified, failure } from "./failure.ts";
import { type Answer, type NetSnmp, netSnmp, type RawSession, type RawUser, type RawVarbind } from "./library.ts";
import { isSecuredAt } from "./message.ts";
import type { AuthProtocol, PrivProtocol, SecurityLevel } from "./security.ts";
import { guardedDgram, type SocketCounts } from "./socket.ts";
import { toVarbind, type Varbind } from "./varbind.ts";
import { targetOf } from "./target.ts";

/** How a device is reached and who asks it. */
export interface DeviceAccess {
  /** What it is called; its host where there is no name. */
  readonly name?: string | undefined;
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  readonly version: "1" | "2c" | "3";
  /** Of versions 1 and 2c. */
  readonly community?: Secret | undefined;
  /** Of version 3, as all that follow. */
  readonly user?: string | undefined;
  readonly level?: SecurityLevel | undefined;
  readonly auth?: { readonly protocol: AuthProtocol; readonly password: Secret } | undefined;
  readonly priv?: { readonly protocol: PrivProtocol; readonly password: Secret } | undefined;
  readonly context?: string | undefined;
  /** How long one try of a request waits for its answer: milliseconds. */
  readonly timeout: number;
  /** How often a request is sent again. */
  readonly retries: number;
}

/** What net-snmp calls them. */
const RAW_AUTH: Readonly<Record<AuthProtocol, string>> = {
  "MD5": "md5",
  "SHA": "sha",
  "SHA-224": "sha224",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** The long keys of AES-256 are stretched by a draft of Blumenthal's (Net-SNMP and most), or by one of Reeder's (Cisco). */
const RAW_PRIV: Readonly<Record<PrivProtocol, string>> = {
  "DES": "des",
  "AES-128": "aes",
  "AES-256": "aes256b",
  "AES-256-cisco": "aes256r",
};

/** A session with one device. Requests may be under way together. */
export interface SnmpSession {
  readonly counts: Readonly<SocketCounts>;
  /** The instances named, in their order; what is not there has a type that says so. SNMPv1 fails as a whole. */
  get(oids: readonly string[]): Promise<Varbind[]>;
  /** What comes after each. */
  getNext(oids: readonly string[]): Promise<Varbind[]>;
  /** For each, up to `maxRepetitions` of what comes after it: as many lists, of which any may be short. */
  getBulk(oids: readonly string[], maxRepetitions: number): Promise<Varbind[][]>;
  /** Ends what is under way with an error, and lets go of the socket. */
  close(): void;
}

/** `core-1 (10.0.0.1:161)`: what a device is called in messages. */
export function labelOf({ name, host, port }: Pick<DeviceAccess, "name" | "host" | "port">): string {
  const target = targetOf({ host, port });
  return name === undefined || name === host ? target : `${name} (${target})`;
}

/** How messages tell of a device. */
export function askedAs(device: Pick<DeviceAccess, "name" | "host" | "port" | "version" | "level">): AskedAs {
  return { label: labelOf(device), version: device.version, level: device.level };
}

/**
 * Opens a session. Nothing is sent yet.
 *
 * @throws {SnmpError} `unresolved` when the name has no address.
 */
export async function openSession(device: DeviceAccess): Promise<SnmpSession> {
  const asked = askedAs(device);
  const [library, address] = await Promise.all([netSnmp(), addressOf(device.host, asked)]);
  return new Session(library, device, address, asked);
}

async function addressOf(host: string, asked: AskedAs): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    const found = await lookup(host, { all: true });
    // Most agents listen on IPv4 only, and Net-SNMP's tools ask there too.
    const taken = found.find(({ family }) => family === 4) ?? found[0];
    if (taken !== undefined) return taken.address;
  } catch {
    // as when it has none
  }
  throw failure("unresolved", asked);
}

class Session implements SnmpSession {
  readonly counts: SocketCounts = { sent: 0, received: 0, stray: 0, garbage: 0 };
  readonly #raw: RawSession;
  readonly #asked: AskedAs;
  /** What is to be called when nothing will come any more, for each request under way. */
  readonly #waiting = new Set<(error: Error) => void>();
  #isClosed = false;

  constructor(library: NetSnmp, device: DeviceAccess, address: string, asked: AskedAs) {
    this.#asked = asked;
    const fail = (error: Error) => {
      for (const reject of [...this.#waiting]) reject(error);
    };
    const dgramModule = guardedDgram({
      address,
      port: device.port,
      counts: this.counts,
      // net-snmp would take an answer that is not signed for one that is, and believe whoever sends it.
      isAcceptable: (datagram) => device.version !== "3" || isSecuredAt(device.level ?? "noAuthNoPriv", datagram),
      waiting: () => this.#waiting.size,
      onBroken: () => fail(failure("malformed", asked)),
      onError: (error) => fail(classified(error, asked)),
    });
    this.#raw = openRaw(library, device, address, dgramModule);
    this.#raw.on("error", () => this.counts.garbage++);
  }

  async get(oids: readonly string[]): Promise<Varbind[]> {
    const varbinds = await this.#ask<RawVarbind[]>((done) => this.#raw.get(oids, done));
    return varbinds.map(toVarbind);
  }

  async getNext(oids: readonly string[]): Promise<Varbind[]> {
    const varbinds = await this.#ask<RawVarbind[]>((done) => this.#raw.getNext(oids, done));
    return varbinds.map(toVarbind);
  }

  async getBulk(oids: readonly string[], maxRepetitions: number): Promise<Varbind[][]> {
    const lists = await this.#ask<(RawVarbind | RawVarbind[])[]>((done) =>
      this.#raw.getBulk(oids, 0, maxRepetitions, done)
    );
    return lists.map((list) => Array.isArray(list) ? list.map(toVarbind) : [toVarbind(list)]);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const reject of [...this.#waiting]) reject(failure("closed", this.#asked));
    this.#raw.close();
  }

  #ask<T>(send: (done: Answer<T>) => void): Promise<T> {
    if (this.#isClosed) return Promise.reject(failure("closed", this.#asked));
    return new Promise<T>((resolve, reject) => {
      const refuse = (error: Error) => {
        this.#waiting.delete(refuse);
        reject(classified(error, this.#asked));
      };
      this.#waiting.add(refuse);
      send((error, answer) => {
        if (error !== null && error !== undefined) return refuse(error);
        if (answer === undefined) return refuse(failure("malformed", this.#asked));
        this.#waiting.delete(refuse);
        resolve(answer);
      });
    });
  }
}

function openRaw(
  library: NetSnmp,
  device: DeviceAccess,
  address: string,
  dgramModule: ReturnType<typeof guardedDgram>,
): RawSession {
  const options = {
    port: device.port,
    transport: isIP(address) === 6 ? "udp6" : "udp4",
    timeout: device.timeout,
    retries: device.retries,
    dgramModule,
    ...(device.context === undefined ? {} : { context: device.context }),
  } as const;
  if (device.version === "3") {
    return library.createV3Session(address, rawUser(library, device), { ...options, version: library.Version3 });
  }
  const version = device.version === "1" ? library.Version1 : library.Version2c;
  return library.createSession(address, device.community?.reveal() ?? "", { ...options, version });
}

/** A user of version 3 in net-snmp's words. */
export function rawUser(
  { SecurityLevel, AuthProtocols, PrivProtocols }: NetSnmp,
  device: Pick<DeviceAccess, "user" | "level" | "auth" | "priv">,
): RawUser {
  const { user = "", auth, priv } = device;
  const level = device.level ?? "noAuthNoPriv";
  return {
    name: user,
    level: SecurityLevel[level],
    ...(auth === undefined || level === "noAuthNoPriv"
      ? {}
      : { authProtocol: AuthProtocols[RAW_AUTH[auth.protocol]] ?? 0, authKey: auth.password.reveal() }),
    ...(priv === undefined || level !== "authPriv"
      ? {}
      : { privProtocol: PrivProtocols[RAW_PRIV[priv.protocol]] ?? 0, privKey: priv.password.reveal() }),
  };
}
