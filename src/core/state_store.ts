/** What a component keeps between runs: cursors, baselines, learnt values. Committed with the batch it belongs to. */

/** One change of a component's state; a null value removes the key. */
export interface StateWrite {
  /** Whose state: a collector's name, or another component's. */
  readonly scope: string;
  readonly key: string;
  readonly value: string | null;
}

/**
 * A component's view of its own state.
 *
 * Protocol for a collector: what it sets before it yields a chunk is committed in the transaction that commits that chunk's
 * last event, never earlier. So a cursor set to "after this chunk" is true once it is durable. After a kill in between, the
 * chunk is read again from the older cursor and its events are found to be known by their ids.
 */
export interface StateStore {
  /** The value last set, committed or not; `undefined` when there is none. */
  get(key: string): string | undefined;
  /** Every key that starts with `prefix`, with its value, in the order of the keys. */
  entries(prefix: string): Iterable<readonly [key: string, value: string]>;
  set(key: string, value: string): void;
  delete(key: string): void;
}

/** A state store over values already read, which hands its changes on when asked: the pipeline's side of the protocol. */
export class StagedState implements StateStore {
  readonly #values: Map<string, string>;
  #staged = new Map<string, string | null>();

  constructor(readonly scope: string, committed: Iterable<readonly [key: string, value: string]> = []) {
    this.#values = new Map(committed);
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  entries(prefix: string): Iterable<readonly [string, string]> {
    const found = [...this.#values].filter(([key]) => key.startsWith(prefix));
    return found.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  set(key: string, value: string): void {
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    this.#staged.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#staged.set(key, null);
  }

  /** The changes since the last call, oldest key first. Whoever takes them commits them. */
  take(): StateWrite[] {
    if (this.#staged.size === 0) return [];
    const writes = [...this.#staged].map(([key, value]) => ({ scope: this.scope, key, value }));
    this.#staged = new Map();
    return writes;
  }
}
