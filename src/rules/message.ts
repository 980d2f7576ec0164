/** A detection's message: text with `{name}` where a fact of the window, or a field of the event that fired it, goes. */

const PLACEHOLDER = /\{([^{}]+)\}/g;

/** The names in the placeholders of a message, each once, in order. */
export function placeholdersOf(message: string): readonly string[] {
  return [...new Set([...message.matchAll(PLACEHOLDER)].map(([, name]) => (name ?? "").trim()))];
}
