/** The syslog listener: UDP and TCP, RFC 3164 and 5424. */

import { CHUNK_EVENTS_MAX, type CollectorContext } from "../../../core/collector.ts";
import type { TelemetryEvent } from "../../../core/event.ts";
import type { DecodedEvent, Decoder } from "../decode/decoder.ts";
import { SOURCE_NAME } from "../events.ts";
import type { Masking } from "../../../core/masking.ts";
import type { LogHealth } from "../health.ts";
import { CUT_FIELD, REPLACED_FIELD } from "../intake.ts";
import type { Portion } from "../portion.ts";
import { hashOf } from "../tail/identity.ts";
import { Inbox, type Received } from "./inbox.ts";
import { TcpListener } from "./tcp.ts";
import { listenUdp } from "./udp.ts";

/** An address to listen on. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

export interface SyslogOptions {
  readonly udp?: ListenAddress | undefined;
  readonly tcp?: ListenAddress | undefined;
  readonly connectionsMax: number;
  readonly messageBytesMax: number;
  readonly decoder: Decoder;
  readonly masking: Masking;
  readonly health: LogHealth;
  /** Told which ports it listens on, once it does. */
  onListening?(ports: { readonly udp?: number; readonly tcp?: number }): void;
}

type SyslogContext = Pick<CollectorContext, "host" | "clock" | "signal" | "dropped">;

/** Digits of a message's number in an id. */
const NUMBER_DIGITS = 12;

/**
 * What comes, until `signal` is aborted. UDP that finds no room is counted by `udp_queue_full`, and what the kernel had no room for
 * by `udp_kernel`; TCP waits.
 *
 * @throws {Error} when an address cannot be listened on, or a socket breaks down.
 */
export async function* listenForSyslog(options: SyslogOptions, context: SyslogContext): AsyncGenerator<Portion> {
  const { clock, signal, dropped } = context;
  const inbox = new Inbox();
  const open: { close(): void }[] = [inbox];
  const broken = new AbortController();
  try {
    const udp = options.udp === undefined ? undefined : await listenUdp({ ...options.udp, clock, inbox, dropped });
    if (udp !== undefined) open.push(udp);
    udp?.broken.catch((error: unknown) => broken.abort(error));
    const tcp = options.tcp === undefined ? undefined : new TcpListener({
      ...options.tcp,
      ...options,
      clock,
      inbox,
      onCrowded: () => options.health.note("syslog connections", crowded(options.connectionsMax)),
    });
    if (tcp !== undefined) open.push(tcp);
    options.onListening?.({ ...(udp && { udp: udp.port }), ...(tcp && { tcp: tcp.port }) });
    const messages = new Messages(options, context);
    const stop = AbortSignal.any([signal, broken.signal]);
    while (!stop.aborted) {
      await inbox.arrival(stop);
      const events = messages.eventsOf(inbox.take(CHUNK_EVENTS_MAX));
      for (let at = 0; at < events.length && !signal.aborted; at += CHUNK_EVENTS_MAX) {
        yield { events: events.slice(at, at + CHUNK_EVENTS_MAX), state: [] };
      }
    }
    if (!signal.aborted) throw broken.signal.reason;
  } finally {
    for (const each of open) each.close();
  }
}

function crowded(max: number): string {
  return `Cannot take every syslog connection as there must be at most ${max}`;
}

/** From messages to events. Each is an observation of its own: a message sent again is another. */
class Messages {
  readonly #options: SyslogOptions;
  readonly #prefix: string;
  readonly #text = new TextDecoder("utf-8", { ignoreBOM: true });
  #number = 0;

  constructor(options: SyslogOptions, { host, clock }: SyslogContext) {
    this.#options = options;
    const startMs = String(Math.floor(clock.now())).padStart(13, "0");
    this.#prefix = `${SOURCE_NAME}:net:${startMs}:${hashOf(host)}:`;
  }

  eventsOf(messages: readonly Received[]): TelemetryEvent[] {
    const events: TelemetryEvent[] = [];
    const decoded: DecodedEvent[] = [];
    for (const message of messages) {
      const at = ++this.#number;
      const text = withoutEnd(this.#text.decode(message.bytes));
      if (text === "") continue;
      const { observedMs, isCut } = message;
      this.#options.decoder.decode({ text: this.#options.masking.mask(text), at, observedMs, isCut }, decoded);
      for (const event of decoded.splice(0)) events.push(this.#event(event, message, text));
    }
    return events;
  }

  #event({ kind, timeMs, host, fields, at, index }: DecodedEvent, from: Received, text: string): TelemetryEvent {
    const { address, port, observedMs, isCut } = from;
    fields["log.source.address"] = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    if (isCut) fields[CUT_FIELD] = true;
    if (text.includes("\ufffd")) fields[REPLACED_FIELD] = true;
    const id = this.#prefix + String(at).padStart(NUMBER_DIGITS, "0");
    return {
      id: index === 0 ? id : `${id}:${index}`,
      timeMs,
      observedMs,
      source: SOURCE_NAME,
      kind,
      // Every machine calls itself localhost: its address says which.
      host: host === undefined || host.toLowerCase() === "localhost" ? address : host,
      fields,
    };
  }
}

/** Without what senders put behind a message: line ends, NULs. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && END_CODES.has(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

const END_CODES: ReadonlySet<number> = new Set([0, 10, 13]);
