/** AIDE over a folder: what it takes stock of, and what it finds to be other than before. */

/** What AIDE found, as paths. */
export interface AideFindings {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export class Aide {
  private constructor(readonly config: string) {}

  /** Ready to look at a folder; its files are put into another. It looks at what Weir looks at. */
  static async over(folder: string, own: string): Promise<Aide> {
    const config = `${own}/aide.conf`;
    await Deno.writeTextFile(
      config,
      [
        `database_in=file:${own}/aide.db`,
        `database_out=file:${own}/aide.db`,
        "gzip_dbout=no",
        "report_url=stdout",
        "report_level=list_entries",
        "Weir=ftype+p+u+g+i+n+s+m+l+sha256",
        "Folder=ftype+p+u+g",
        `${folder}$ d Folder`,
        `${folder} d Folder`,
        `${folder} Weir`,
        "",
      ].join("\n"),
    );
    return new Aide(config);
  }

  /** Takes stock. */
  async init(): Promise<void> {
    await this.#run("--init", [0]);
  }

  /** What is not as it was. */
  async check(): Promise<AideFindings> {
    const text = await this.#run("--check", [0, 1, 2, 3, 4, 5, 6, 7]);
    return {
      added: entriesOf(text, "Added entries"),
      removed: entriesOf(text, "Removed entries"),
      changed: entriesOf(text, "Changed entries"),
    };
  }

  async #run(what: string, codes: readonly number[]): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command("aide", { args: [what, "-c", this.config] }).output();
    if (codes.includes(code)) return new TextDecoder().decode(stdout);
    throw new Error(`aide ${what}: ${new TextDecoder().decode(stderr)}${new TextDecoder().decode(stdout)}`);
  }
}

/** The paths below a heading of AIDE's report. */
function entriesOf(report: string, heading: string): string[] {
  const [, rest = ""] = report.split(`\n${heading}:\n-`);
  const [, list = ""] = rest.split("-\n\n");
  const [entries = ""] = list.split("\n\n");
  return entries.split("\n").flatMap((line) => /^\S[^:]*: (\/.*)$/.exec(line)?.[1] ?? []).sort();
}
