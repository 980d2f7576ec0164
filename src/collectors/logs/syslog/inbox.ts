/** Messages that have come over the network and wait to be taken: bounded, and told when there is room again. */

/** One message, as it came. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly isCut: boolean;
  readonly transport: "udp" | "tcp";
  readonly address: string;
  readonly port: number;
  /** Milliseconds since the epoch. */
  readonly observedMs: number;
}

/** What waits at most: messages, and bytes of them. */
export const QUEUED_MAX = 10_000;
export const QUEUED_BYTES_MAX = 16_777_216;

export class Inbox {
  #queue: Received[] = [];
  #bytes = 0;
  #arrived: (() => void) | undefined;
  #room: (() => void)[] = [];

  get isFull(): boolean {
    return this.#queue.length >= QUEUED_MAX || this.#bytes >= QUEUED_BYTES_MAX;
  }

  /** Whoever can drop looks first whether there is room; whoever can wait does so after. */
  put(message: Received): void {
    this.#queue.push(message);
    this.#bytes += message.bytes.length;
    this.#arrived?.();
  }

  /** What has come, up to `countMax`, the oldest first. */
  take(countMax: number): Received[] {
    const taken = this.#queue.length <= countMax ? this.#queue : this.#queue.slice(0, countMax);
    this.#queue = this.#queue.length <= countMax ? [] : this.#queue.slice(countMax);
    for (const { bytes } of taken) this.#bytes -= bytes.length;
    if (!this.isFull) { for (const wake of this.#room.splice(0)) wake(); }
    return taken;
  }

  /** Resolves when something has come, or when `signal` is aborted. */
  async arrival(signal: AbortSignal): Promise<void> {
    if (this.#queue.length > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const finish = () => {
        this.#arrived = undefined;
        signal.removeEventListener("abort", finish);
        resolve();
      };
      this.#arrived = finish;
      signal.addEventListener("abort", finish, { once: true });
    });
  }

  /** Resolves when there is room, or once the inbox was closed. */
  async room(): Promise<void> {
    if (this.isFull) await new Promise<void>((resolve) => this.#room.push(resolve));
  }

  close(): void {
    for (const wake of this.#room.splice(0)) wake();
  }
}
