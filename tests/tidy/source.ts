/** The project's own files, as the tidy tests read them. */

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Paths of the project's own files it imports, from the root. */
  readonly imports: readonly string[];
}

const root = new URL("../../", import.meta.url);

async function* walk(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, root))) {
    if (entry.isDirectory) yield* walk(`${folder}${entry.name}/`);
    else yield `${folder}${entry.name}`;
  }
}

/** Imports, and the first file of another thread. */
const IMPORT = /(?:from\s+|import\s+|import\(\s*|new Worker\(new URL\(\s*)"(\.{1,2}\/[^"]+)"/g;

/** Every TypeScript file below a folder such as `src/`, sorted by path. */
export async function sourceFiles(folder: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const path of walk(folder)) {
    if (!path.endsWith(".ts")) continue;
    const text = await Deno.readTextFile(new URL(path, root));
    const base = new URL(path, root);
    const imports = [...text.matchAll(IMPORT)].map(([, spec]) =>
      decodeURIComponent(new URL(spec ?? "", base).pathname.slice(root.pathname.length))
    );
    files.push({ path, text, imports });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The text without comments and without the insides of strings, so that a word in prose breaks no rule. */
export function codeOnly(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|[^:"'`\\])\/\/.*$/gm, "$1")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
}
