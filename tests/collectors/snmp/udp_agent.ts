/**
 * A small agent on a real socket, SNMP v1 and v2c: for what no well-behaved agent does, and for a thousand of them at once. Its
 * values come from recordings; the community names the recording.
 */

import { createSocket } from "node:dgram";
import { Buffer } from "node:buffer";
import { compareOids } from "../../../src/collectors/snmp/oid.ts";
import type { Varbind } from "../../../src/collectors/snmp/varbind.ts";

/** A request as it was read. */
export interface AgentRequest {
  readonly version: number;
  readonly community: string;
  readonly type: number;
  readonly id: number;
  /** Of getbulk. */
  readonly repetitions: number;
  readonly oids: readonly string[];
}

/** What comes in a packet: nothing, or datagrams to send back in this order. */
export type Replies = readonly Uint8Array[];

/** Decides what a request is answered with; `proper()` makes the answer that a well-behaved agent would give. */
export type Behaviour = (request: AgentRequest, proper: () => Uint8Array) => Replies;

export interface UdpAgent {
  readonly port: number;
  readonly requests: number;
  /** Sends a datagram from another port than the agent's own, to whoever asked last. */
  sendFromElsewhere(datagram: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

const GET = 0xa0;
const GETBULK = 0xa5;
const RESPONSE = 0xa2;
const NO_SUCH_NAME = 2;

/** Starts it on a free port of the loopback. */
export async function startUdpAgent(
  recordings: ReadonlyMap<string, Recording>,
  behaviour: Behaviour = (_request, proper) => [proper()],
): Promise<UdpAgent> {
  const socket = createSocket("udp4");
  let requests = 0;
  let last: { port: number; address: string } | undefined;
  socket.on("message", (datagram, from) => {
    const request = readRequest(datagram);
    const recording = recordings.get(request.community);
    if (recording === undefined) return; // as agents do with a community they do not know
    requests++;
    last = from;
    for (const reply of behaviour(request, () => recording.answer(request))) {
      socket.send(reply, 0, reply.length, from.port, from.address);
    }
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    port: socket.address().port,
    get requests() {
      return requests;
    },
    async sendFromElsewhere(datagram) {
      const other = createSocket("udp4");
      await new Promise<void>((resolve) => other.send(datagram, last?.port ?? 0, "127.0.0.1", () => resolve()));
      await new Promise<void>((resolve) => other.close(resolve));
    },
    close: () => new Promise((resolve) => socket.close(resolve)),
  };
}

/** Values, each encoded once. */
export class Recording {
  readonly #oids: readonly string[];
  readonly #encoded: readonly Uint8Array[];
  readonly #places: ReadonlyMap<string, number>;

  constructor(varbinds: readonly Varbind[]) {
    this.#oids = varbinds.map(({ oid }) => oid);
    this.#encoded = varbinds.map(encodeVarbind);
    this.#places = new Map(this.#oids.map((oid, i) => [oid, i]));
  }

  answer(request: AgentRequest): Uint8Array {
    if (request.type === GET) return this.#get(request);
    return this.#next(request, request.type === GETBULK ? request.repetitions : 1);
  }

  #get(request: AgentRequest): Uint8Array {
    const places = request.oids.map((oid) => this.#places.get(oid));
    const absent = places.indexOf(undefined);
    if (request.version === 0 && absent !== -1) return failing(request, NO_SUCH_NAME, absent + 1);
    return response(
      request,
      places.map((place, i) => this.#encoded[place ?? -1] ?? exception(request.oids[i] ?? "", 0x81)),
    );
  }

  #next(request: AgentRequest, repetitions: number): Uint8Array {
    const at = [...request.oids];
    const varbinds: Uint8Array[] = [];
    for (let i = 0; i < repetitions; i++) {
      for (let j = 0; j < at.length; j++) {
        const place = this.#after(at[j] ?? "");
        const encoded = this.#encoded[place];
        if (encoded === undefined && request.version === 0) return failing(request, NO_SUCH_NAME, j + 1);
        varbinds.push(encoded ?? exception(at[j] ?? "", 0x82));
        at[j] = this.#oids[place] ?? at[j] ?? "";
      }
    }
    return response(request, varbinds);
  }

  #after(oid: string): number {
    const place = this.#places.get(oid);
    if (place !== undefined) return place + 1;
    let [low, high] = [0, this.#oids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareOids(this.#oids[middle] ?? "", oid) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** An answer of these varbinds. */
export function response(
  { version, community, id }: AgentRequest,
  varbinds: readonly Uint8Array[],
  status = 0,
  index = 0,
) {
  const pdu = tlv(RESPONSE, integer(id), integer(status), integer(index), tlv(0x30, ...varbinds));
  return tlv(0x30, integer(version), tlv(0x04, Buffer.from(community)), pdu);
}

/** An answer that says what went wrong, with the request's own identifiers. */
export function failing(request: AgentRequest, status: number, index: number): Uint8Array {
  return response(request, request.oids.map((oid) => exception(oid, 0x05)), status, index);
}

function exception(oid: string, tag: number): Uint8Array {
  return tlv(0x30, encodeOid(oid), Uint8Array.of(tag, 0));
}

export function encodeVarbind({ oid, type, value }: Varbind): Uint8Array {
  return tlv(0x30, encodeOid(oid), encodeValue(type, value));
}

function encodeValue(type: Varbind["type"], value: Varbind["value"]): Uint8Array {
  switch (type) {
    case "octets":
      return tlv(0x04, value instanceof Uint8Array ? value : Buffer.from(String(value)));
    case "oid":
      return encodeOid(String(value));
    case "ip":
      return tlv(0x40, Uint8Array.from(String(value).split("."), Number));
    case "counter32":
      return integer(Number(value), 0x41);
    case "gauge":
      return integer(Number(value), 0x42);
    case "ticks":
      return integer(Number(value), 0x43);
    case "counter64":
      return unsigned64(BigInt(String(value)));
    default:
      return integer(Number(value));
  }
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = length < 128
    ? [tag, length]
    : length < 256
    ? [tag, 0x81, length]
    : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Uint8Array.from(head), ...parts]);
}

function integer(value: number, tag = 0x02): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(((rest % 256) + 256) % 256);
    rest = Math.floor(rest / 256);
  } while (!(rest === 0 && (bytes[0] ?? 0) < 128) && !(rest === -1 && (bytes[0] ?? 0) >= 128));
  return tlv(tag, Uint8Array.from(bytes));
}

function unsigned64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64BE(value, 1);
  const start = bytes.findIndex((byte, i) => byte !== 0 || (bytes[i + 1] ?? 128) >= 128 || i === 8);
  return tlv(0x46, bytes.subarray(start));
}

function encodeOid(oid: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = oid.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 127];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left & 127) | 128);
    bytes.push(...groups);
  }
  return tlv(0x06, Uint8Array.from(bytes));
}

interface Tlv {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function readTlv(bytes: Uint8Array, at: number): Tlv {
  const [tag = 0, first = 0] = bytes.subarray(at, at + 2);
  if (first < 128) return { tag, start: at + 2, end: at + 2 + first };
  const count = first & 127;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
  return { tag, start: at + 2 + count, end: at + 2 + count + length };
}

function readInteger(bytes: Uint8Array, { start, end }: Tlv): number {
  let value = (bytes[start] ?? 0) >= 128 ? -1 : 0;
  for (let i = start; i < end; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

function readOid(bytes: Uint8Array, { start, end }: Tlv): string {
  const first = bytes[start] ?? 0;
  let text = `${Math.floor(first / 40)}.${first % 40}`;
  let arc = 0;
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i] ?? 0;
    arc = arc * 128 + (byte & 127);
    if (byte < 128) {
      text += `.${arc}`;
      arc = 0;
    }
  }
  return text;
}

function readRequest(bytes: Uint8Array): AgentRequest {
  const version = readTlv(bytes, readTlv(bytes, 0).start);
  const community = readTlv(bytes, version.end);
  const pdu = readTlv(bytes, community.end);
  const id = readTlv(bytes, pdu.start);
  const nonRepeaters = readTlv(bytes, id.end);
  const repetitions = readTlv(bytes, nonRepeaters.end);
  const list = readTlv(bytes, repetitions.end);
  const oids: string[] = [];
  for (let at = list.start; at < list.end;) {
    const varbind = readTlv(bytes, at);
    oids.push(readOid(bytes, readTlv(bytes, varbind.start)));
    at = varbind.end;
  }
  return {
    version: readInteger(bytes, version),
    community: new TextDecoder().decode(bytes.subarray(community.start, community.end)),
    type: pdu.tag,
    id: readInteger(bytes, id),
    repetitions: readInteger(bytes, repetitions),
    oids,
  };
}
