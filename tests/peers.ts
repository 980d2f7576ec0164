/** Programs that tests talk to. */

/** Where Debian keeps daemons, which is not on everybody's path. */
const FOLDERS = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];

/** The path of a program; `undefined` when it is not installed. */
export function findProgram(program: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${program}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** Why tests with these programs are skipped, or `undefined` when all are there. They fail where peers are required. */
export function missing(...programs: string[]): string | undefined {
  const absent = programs.filter((program) => findProgram(program) === undefined);
  if (absent.length === 0) return undefined;
  const why = `${absent.join(", ")} not installed`;
  if (Deno.env.get("WEIR_REQUIRE_PEERS") === "1") throw new Error(`Cannot test as peers must be there: ${why}`);
  return why;
}
