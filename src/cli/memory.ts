/** Giving memory back to the system while little comes. */

/**
 * V8 by itself lets its heap grow for as long as it is small, and keeps the bytecode of what runs once: its last resort gives both back,
 * for some 60 ms. What the C library's allocator then holds free in the midst of its heap goes back by malloc_trim(3), in some 3 ms.
 */
export function giveMemoryBack(): void {
  collectGarbage();
  trimHeap();
}

/** Only where V8 was started with `--expose-gc`, as the tasks in deno.json do. */
function collectGarbage(): void {
  (globalThis as { gc?: (how: { type: "major"; flavor: "last-resort" }) => void }).gc?.({
    type: "major",
    flavor: "last-resort",
  });
}

/** Only with the GNU C library: others have no such call. */
function trimHeap(): void {
  if (Deno.build.os !== "linux") return;
  try {
    const library = Deno.dlopen("libc.so.6", { malloc_trim: { parameters: ["usize"], result: "i32" } });
    library.symbols.malloc_trim(0n);
    library.close();
  } catch {
    // Another C library, which gives memory back in its own way.
  }
}
