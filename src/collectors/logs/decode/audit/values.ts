/** What audit records write as numbers or in hexadecimal, in words. */

/** Machines by their number in a record (`AUDIT_ARCH_...` of Linux). */
const ARCHES: Readonly<Partial<Record<string, string>>> = {
  "c000003e": "x86_64",
  "40000003": "i386",
  "c00000b7": "aarch64",
  "40000028": "arm",
  "80000014": "ppc",
  "80000015": "ppc64",
  "c0000015": "ppc64le",
  "16": "s390",
  "80000016": "s390x",
  "c00000f3": "riscv64",
  "c0000102": "loongarch64",
  "40000008": "mipsel",
  "8": "mips",
  "c0000008": "mipsel64",
  "80000008": "mips64",
};

/** A machine's name; of one that is not known, its number. */
export function archName(number: string): string {
  return (Object.hasOwn(ARCHES, number) ? ARCHES[number] : undefined) ?? number;
}

/** Names of Linux's errors in the order of their numbers; a number says where the next stands. */
const ERRORS = `
  1 EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST
  EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE
  EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP 42 ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH
  ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT 59 EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE
  ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD
  ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT
  EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH
  ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN
  EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE
  ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL
`;

let errors: ReadonlyMap<number, string> | undefined;

/** What a system call returned: the error's name where it is one, else the number. */
export function exitName(exit: string): string {
  if (!/^-\d{1,3}$/.test(exit)) return exit;
  errors ??= readErrors();
  return errors.get(-Number(exit)) ?? exit;
}

function readErrors(): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  let next = 0;
  for (const word of ERRORS.trim().split(/\s+/)) {
    if (/^\d+$/.test(word)) next = Number(word);
    else names.set(next++, word);
  }
  return names;
}

const HEX = /^(?:[0-9A-F]{2})+$/;

/** Whether a value can be a text in hexadecimal, as the kernel writes one that holds blanks, quotes or control characters. */
export function isHex(value: string): boolean {
  return HEX.test(value);
}

const utf8 = new TextDecoder();

/** The text that a hexadecimal value stands for; what is not UTF-8 becomes U+FFFD. */
export function hexText(hex: string): string {
  return utf8.decode(hexBytes(hex));
}

function hexBytes(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

/** A socket's address, as `saddr` holds it. */
export interface SocketAddress {
  readonly family: string;
  readonly address?: string;
  readonly port?: number;
  readonly path?: string;
}

const FAMILIES: Readonly<Record<number, string>> = {
  0: "unspecified",
  1: "unix",
  2: "ipv4",
  3: "ax25",
  4: "ipx",
  10: "ipv6",
  16: "netlink",
  17: "packet",
  38: "alg",
  40: "vsock",
};

/** The address in a `struct sockaddr` in hexadecimal; `undefined` where it is none. */
export function socketAddress(hex: string): SocketAddress | undefined {
  if (!isHex(hex) || hex.length < 4) return undefined;
  const bytes = hexBytes(hex);
  const [first = 0, second = 0] = bytes;
  const number = first === 0 ? second : first; // the machine's own order: one of the two bytes is zero
  const family = FAMILIES[number] ?? String(number);
  if (number === 2 && bytes.length >= 8) return { family, port: portOf(bytes), address: bytes.slice(4, 8).join(".") };
  if (number === 10 && bytes.length >= 24) return { family, port: portOf(bytes), address: ipv6(bytes.subarray(8, 24)) };
  if (number === 1) return { family, path: unixPath(bytes.subarray(2)) };
  return { family };
}

function portOf(bytes: Uint8Array): number {
  return (bytes[2] ?? 0) << 8 | (bytes[3] ?? 0);
}

/** A path ends with its first zero; an abstract one begins with one, which is written as `@`. */
function unixPath(bytes: Uint8Array): string {
  const isAbstract = bytes[0] === 0 && bytes.length > 1;
  const name = isAbstract ? bytes.subarray(1) : bytes;
  const end = name.indexOf(0);
  return (isAbstract ? "@" : "") + utf8.decode(end === -1 ? name : name.subarray(0, end));
}

/** In the form of RFC 5952: the longest run of zeros left out. */
function ipv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[i * 2] ?? 0) << 8 | (bytes[i * 2 + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return bytes.slice(12, 16).join(".");
  }
  let [best, length] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > length) [best, length] = [i, run];
  }
  const hex = (some: readonly number[]) => some.map((group) => group.toString(16)).join(":");
  return best === -1 ? hex(groups) : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + length))}`;
}
