/** A shell in a real terminal, in a home folder of its own, as somebody would sit before it. */

import { systemClock } from "../../../src/core/clock.ts";
import { type HookShell, hookSnippet } from "../../../src/cli/hook_snippets.ts";

/** Longest wait for a shell to do what it was told: milliseconds. */
const WITHIN_MS = 60_000;

const START_FILES: Readonly<Record<HookShell, string>> = {
  bash: ".bashrc",
  zsh: ".zshrc",
  fish: ".config/fish/config.fish",
};

export interface TerminalOptions {
  /** What the user's own start file says, before the hook. */
  readonly startFile?: string;
  readonly hasHook?: boolean;
}

/** A shell in a tmux of its own. */
export class Terminal {
  private constructor(readonly home: string, readonly shell: HookShell, readonly socket: string) {}

  static async open(home: string, shell: HookShell, options: TerminalOptions = {}): Promise<Terminal> {
    const path = `${home}/${START_FILES[shell]}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const hook = options.hasHook === false ? "" : hookSnippet(shell, "~/.local/state/weir");
    await Deno.writeTextFile(path, `${options.startFile ?? ""}\n${hook}`);
    const terminal = new Terminal(home, shell, `weir-${Deno.pid}-${crypto.randomUUID()}`);
    const program = ["env", "-i", `HOME=${home}`, "TERM=screen", "LANG=C.UTF-8", `PATH=${Deno.env.get("PATH")}`, shell];
    await terminal.#tmux("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "50", "-c", home, ...program);
    await terminal.type("touch ready");
    await terminal.fileIs("ready");
    return terminal;
  }

  /** Types a line and the return key. */
  async type(line: string): Promise<void> {
    await this.#tmux("send-keys", "-l", "--", line);
    await this.#tmux("send-keys", "Enter");
  }

  /** Pastes many lines at once, as fast as the shell takes them. */
  async paste(lines: readonly string[]): Promise<void> {
    const path = `${this.home}/pasted`;
    await Deno.writeTextFile(path, lines.map((line) => `${line}\n`).join(""));
    await this.#tmux("load-buffer", path);
    await this.#tmux("paste-buffer", "-r");
  }

  /** Waits until a file of the home folder is there and holds something that fits; returns what it holds. */
  async fileIs(name: string, fits: (text: string) => boolean = () => true): Promise<string> {
    const text = await until(async () => {
      const text = await Deno.readTextFile(`${this.home}/${name}`).catch(() => undefined);
      return text !== undefined && fits(text) ? text : undefined;
    });
    if (text !== undefined) return text;
    throw new Error(`${this.shell} has not written ${name}; its screen:\n${await this.screen()}`);
  }

  async screen(): Promise<string> {
    return await this.#tmux("capture-pane", "-p");
  }

  async close(): Promise<void> {
    await this.#tmux("kill-server").catch(() => "");
  }

  async #tmux(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-L", this.socket, ...args],
      stdin: "null",
    }).output();
    if (!success) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }
}

/** Asks until there is an answer, or for too long. */
export async function until<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > deadline) return answer;
    await systemClock.sleep(20);
  }
}
