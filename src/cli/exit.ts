/** How the program ends. */

/** What was checked is wrong. */
export const EXIT_WRONG = 1;

/** Usage or configuration, or the program cannot run here. */
export const EXIT_USAGE = 2;

/** What was checked is wrong, and the command has said so. */
export class WrongError extends Error {
  override readonly name = "WrongError";
}
