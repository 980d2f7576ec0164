/**
 * Commits in another thread, while this one matches and correlates what comes next: committing takes about as long as all else a batch
 * needs. It also writes the log back into the database, for which a commit of this thread would have to wait some 50 ms. The thread is
 * there only while there is much to commit, as it takes some 10 MB.
 */

import { systemClock } from "../core/clock.ts";
import type { PackedCommit } from "./packed.ts";

/** What the thread is told first: which journal it writes to. */
export interface AsideJournal {
  readonly directory: string;
  /** Pages the database may have: the journal's cap. */
  readonly pagesMax: number;
  /** How long its write-ahead log may be: bytes. */
  readonly logBytes: number;
  /** One number, shared with it: not 0 once it was ended, from when on it begins nothing. */
  readonly ended: Int32Array<SharedArrayBuffer>;
}

/** One commit, to be put in after `lastSeq`; where that is not known yet, after the commit that was sent before, which must have gone through. */
export interface AsideCommit {
  readonly packed: PackedCommit;
  readonly lastSeq: number | undefined;
}

/** Asks for the log to be written back. */
export interface AsideWriteBack {
  readonly writeBack: true;
}

/** What became of a commit: the last seq then, or why everything is as it was; or that the log was written back, as far as it could be. */
export type AsideAnswer = { readonly lastSeq: number } | { readonly problem: string } | AsideWriteBack;

interface Waiting {
  readonly resolve: (lastSeq: number) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that has not answered for this long is not waited for any longer: milliseconds. A commit takes some 20. */
export const ANSWER_MAX_MS = 10_000;

/** The thread failed or did not answer: whether the commit went through, the journal says. */
export class ThreadLostError extends Error {
  override readonly name = "ThreadLostError";
}

export class Aside {
  readonly #worker: Worker;
  readonly #answerMaxMs: number;
  readonly #ended = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  /** For an answer each, in the order in which they were sent. */
  readonly #waiting: Waiting[] = [];
  /** Ends the wait for the next answer. */
  #answerCame = new AbortController();
  /** Since when the log is being written back: milliseconds, monotonic. */
  #writingBackMs: number | undefined;
  /** Why it cannot be used any more. */
  #problem: string | undefined;

  constructor(journal: Omit<AsideJournal, "ended">, answerMaxMs = ANSWER_MAX_MS) {
    this.#answerMaxMs = answerMaxMs;
    this.#worker = new Worker(new URL("./aside_worker.ts", import.meta.url), { type: "module", name: "journal" });
    this.#worker.onmessage = ({ data }: MessageEvent<AsideAnswer>) => {
      if ("writeBack" in data) this.#writingBackMs = undefined;
      else if ("problem" in data) this.#answered()?.reject(new Error(data.problem));
      else this.#answered()?.resolve(data.lastSeq);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#lose(event.message);
    };
    this.#worker.postMessage({ ...journal, ended: this.#ended } satisfies AsideJournal);
  }

  /** Whether a commit is under way. */
  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Behind those sent before. Rejects when nothing of it was put in, or with a {@linkcode ThreadLostError}. */
  commit(commit: AsideCommit): Promise<number> {
    if (this.#problem !== undefined) return Promise.reject(new ThreadLostError(this.#problem));
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ resolve, reject }) === 1) this.#awaitAnswer();
      this.#worker.postMessage(commit);
    });
  }

  /**
   * Has the log written back, unless that is under way. This thread may commit meanwhile: that goes on to the end of the log.
   *
   * @throws {ThreadLostError} when the thread has failed, or has been at it for too long.
   */
  writeBack(): void {
    const nowMs = systemClock.monotonic();
    if (this.#writingBackMs !== undefined && nowMs - this.#writingBackMs > this.#answerMaxMs) {
      this.#lose(this.#noAnswer);
    }
    if (this.#problem !== undefined) throw new ThreadLostError(this.#problem);
    if (this.#writingBackMs !== undefined) return;
    this.#writingBackMs = nowMs;
    this.#worker.postMessage({ writeBack: true } satisfies AsideWriteBack);
  }

  /**
   * Ends the thread. A commit that was under way is put in whole, or not at all: which, the database says as soon as another connection
   * can begin to write. Before that it may still come: a thread that is ended goes on with what it does.
   */
  end(): void {
    Atomics.store(this.#ended, 0, 1);
    this.#worker.terminate();
    this.#lose("it was ended");
  }

  get #noAnswer(): string {
    return `it did not answer within ${this.#answerMaxMs} ms`;
  }

  #lose(why: string): void {
    this.#problem = why;
    while (this.#waiting.length > 0) this.#answered()?.reject(new ThreadLostError(why));
  }

  /** The one that has waited for longest need wait no more; the next one's time begins, as the thread comes to it only now. */
  #answered(): Waiting | undefined {
    const waiting = this.#waiting.shift();
    this.#answerCame.abort();
    if (this.#waiting.length > 0) this.#awaitAnswer();
    return waiting;
  }

  #awaitAnswer(): void {
    const { signal } = this.#answerCame = new AbortController();
    systemClock.sleep(this.#answerMaxMs, signal).then(() => {
      if (!signal.aborted) this.#lose(this.#noAnswer);
    });
  }
}
