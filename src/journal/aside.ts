/**
 * Commits in another thread, while this one matches and correlates what comes next: committing takes about as long as all else a batch
 * needs. The thread is there only while there is much to commit, as it takes some 10 MB.
 */

import type { PackedCommit } from "./packed.ts";

/** What the thread is told first: which journal it writes to. */
export interface AsideJournal {
  readonly directory: string;
  /** Pages the database may have: the journal's cap. */
  readonly pagesMax: number;
}

/** One commit, to be put in after `lastSeq`. */
export interface AsideCommit {
  readonly packed: PackedCommit;
  readonly lastSeq: number;
}

/** What became of it: the last seq then, or why everything is as it was. */
export type AsideAnswer = { readonly lastSeq: number } | { readonly problem: string };

interface Waiting {
  readonly resolve: (lastSeq: number) => void;
  readonly reject: (error: Error) => void;
}

export class Aside {
  readonly #worker: Worker;
  #waiting: Waiting | undefined;

  constructor(journal: AsideJournal) {
    this.#worker = new Worker(new URL("./aside_worker.ts", import.meta.url), { type: "module", name: "journal" });
    this.#worker.onmessage = ({ data }: MessageEvent<AsideAnswer>) => {
      if ("problem" in data) this.#fail(data.problem);
      else this.#take()?.resolve(data.lastSeq);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message);
    };
    this.#worker.postMessage(journal);
  }

  /** Whether a commit is under way. */
  get isBusy(): boolean {
    return this.#waiting !== undefined;
  }

  /** One at a time. Rejects when nothing of it was put in. */
  commit(commit: AsideCommit): Promise<number> {
    if (this.isBusy) throw new Error("Cannot commit aside as the commit before must be through");
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(commit);
    });
  }

  /** Ends the thread. A commit that was under way is put in whole, or not at all: which, the journal says when it is opened. */
  end(): void {
    this.#worker.terminate();
    this.#fail("the thread was ended");
  }

  #fail(problem: string): void {
    this.#take()?.reject(new Error(problem));
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
