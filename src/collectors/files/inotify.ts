/**
 * Linux's inotify(7), straight from the C library. The runtime's own watch (`Deno.watchFs`) opens what is created, and a pipe
 * that anybody makes in a watched folder so blocks it for good: it goes deaf without a word. Here nothing is opened, nobody is
 * waited for, and one instance holds any number of folders.
 */

/** Something that happened. */
export interface Notice {
  /** The folder's watch; -1 when the kernel's queue ran over. */
  readonly watch: number;
  /** The name in the folder; empty where it is about the folder itself. */
  readonly name: string;
  /** Whether the kernel has let go of the watch. */
  readonly isOver: boolean;
}

/** Watches over folders. Reading never waits. */
export interface Notifier {
  /** The number of a folder's watch, the same if it is watched already; or why it cannot be watched. */
  add(folder: string): number | "gone" | "limit" | "refused";
  remove(watch: number): void;
  /** What has happened since the last call, as much of it as is read at a time; `undefined` when nothing has. */
  read(): readonly Notice[] | undefined;
  close(): void;
}

/** Opens a notifier, or says why there is none. */
export type OpenNotifier = () => Notifier | string;

const LIBRARY = "libc.so.6";

const SYMBOLS = {
  inotify_init1: { parameters: ["i32"], result: "i32" },
  inotify_add_watch: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  inotify_rm_watch: { parameters: ["i32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/** IN_NONBLOCK and IN_CLOEXEC, as on every architecture that Deno runs on. */
const INIT_FLAGS = 0o4000 | 0o2000000;

/** MODIFY, ATTRIB, MOVED_FROM, MOVED_TO, CREATE, DELETE, DELETE_SELF, MOVE_SELF; and ONLYDIR, DONT_FOLLOW, EXCL_UNLINK. */
const MASK = 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800 | 0x01000000 | 0x02000000 | 0x04000000;

const IN_IGNORED = 0x8000;

/** struct inotify_event: watch, mask, cookie, length of the name, each of four bytes; then the name. */
const HEADER_BYTES = 16;
const BUFFER_BYTES = 65_536;

const [ENOENT, ENOTDIR, ENFILE, EMFILE, ENOSPC] = [2, 20, 23, 24, 28];

export function openInotify(): Notifier | string {
  if (Deno.build.os !== "linux") return "folders are watched on Linux only";
  try {
    return openOver(Deno.dlopen(LIBRARY, SYMBOLS));
  } catch {
    return `${LIBRARY} cannot be used`;
  }
}

function openOver(library: Deno.DynamicLibrary<typeof SYMBOLS>): Notifier | string {
  const { symbols } = library;
  const errno = () => {
    const place = symbols.__errno_location();
    return place === null ? 0 : new Deno.UnsafePointerView(place).getInt32();
  };
  const instance = symbols.inotify_init1(INIT_FLAGS);
  if (instance < 0) {
    const why = [ENFILE, EMFILE].includes(errno()) ? "fs.inotify.max_user_instances is reached" : `error ${errno()}`;
    library.close();
    return `inotify cannot be used: ${why}`;
  }
  const encoder = new TextEncoder();
  const buffer = new Uint8Array(BUFFER_BYTES);
  return {
    add(folder) {
      const watch = symbols.inotify_add_watch(instance, encoder.encode(`${folder}\0`), MASK);
      if (watch >= 0) return watch;
      const error = errno();
      return error === ENOENT || error === ENOTDIR ? "gone" : error === ENOSPC ? "limit" : "refused";
    },
    remove: (watch) => void symbols.inotify_rm_watch(instance, watch),
    read() {
      const length = Number(symbols.read(instance, buffer, BigInt(buffer.length)));
      return length > 0 ? noticesIn(buffer.subarray(0, length)) : undefined;
    },
    close() {
      symbols.close(instance);
      library.close();
    },
  };
}

/** The notices in a buffer that the kernel has filled. */
export function noticesIn(bytes: Uint8Array): Notice[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const notices: Notice[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const nameLength = view.getUint32(at + 12, LITTLE_ENDIAN);
    const name = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + nameLength);
    const end = name.indexOf(0);
    notices.push({
      watch: view.getInt32(at, LITTLE_ENDIAN),
      name: decoder.decode(end === -1 ? name : name.subarray(0, end)),
      isOver: (view.getUint32(at + 4, LITTLE_ENDIAN) & IN_IGNORED) !== 0,
    });
    at += HEADER_BYTES + nameLength;
  }
  return notices;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
