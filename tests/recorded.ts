/**
 * Data that others recorded (`../shared/data`, from the project's root). It is read where it lies and never copied into the project, so
 * that a test that needs it is skipped where it is not, and says so; also where peers are required, as nothing installs it.
 */

import { fileURLToPath } from "node:url";

const RECORDED = new URL("../../shared/data/", import.meta.url);

/** The path of a part: a file or a folder. */
export function recorded(part: string): string {
  return fileURLToPath(new URL(part, RECORDED));
}

/** The name of a test that needs a part, and whether it is skipped. */
export function needing(part: string, name: string): { readonly name: string; readonly ignore: boolean } {
  const ignore = !isThere(recorded(part));
  return { name: ignore ? `${name} (skipped: ../shared/data/${part} is not there)` : name, ignore };
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
