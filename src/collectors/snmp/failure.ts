/** Why a device could not be asked: failures told apart, in words that never hold what the device said or a secret. */

import type { SecurityLevel } from "./security.ts";

/** What kind of failure it was. */
export type FailureCode =
  /** Its name has no address. */
  | "unresolved"
  /** No answer: down, filtered, or a wrong community or privacy key, to which agents do not answer. */
  | "silent"
  /** The agent says that the user's authentication key is not the one it has. */
  | "authentication"
  /** The agent knows no such user. */
  | "unknown_user"
  /** The agent asks for a higher security level, or lets the user see nothing of this. */
  | "authorization"
  /** The agent does not serve the level, or could not decrypt what it was sent. */
  | "privacy"
  /** The answer would not fit into a message. */
  | "too_big"
  /** SNMPv1: one of the objects asked for is not there. */
  | "no_such_name"
  /** It answered, and not as SNMP says. */
  | "malformed"
  /** The agent could not answer this, by an error of its own. */
  | "refused"
  /** The session was closed while it waited. */
  | "closed";

/** A request that failed. */
export class SnmpError extends Error {
  override readonly name = "SnmpError";
  constructor(readonly code: FailureCode, message: string) {
    super(message);
  }
}

/** How a device is asked, as far as a message tells it. */
export interface AskedAs {
  /** What it is called and where it is: `core-1 (10.0.0.1:161)`. */
  readonly label: string;
  readonly version: "1" | "2c" | "3";
  readonly level?: SecurityLevel | undefined;
}

/** The error with the device named, and what is to be looked at. */
export function failure(code: FailureCode, asked: AskedAs, detail = ""): SnmpError {
  return new SnmpError(
    code,
    `Cannot ask ${asked.label} as ${reason(code, asked)}${detail === "" ? "" : `: ${detail}`}`,
  );
}

function reason(code: FailureCode, { version, level }: AskedAs): string {
  switch (code) {
    case "unresolved":
      return "its name has no address";
    case "silent":
      return `it does not answer: ${whySilent(version, level)}`;
    case "authentication":
      return "it refuses the authentication key: the password or the protocol of auth is not the user's";
    case "unknown_user":
      return "it knows no such user";
    case "authorization":
      return version === "3"
        ? "it does not let the user see this at this security level: a higher level or more rights are needed"
        : "it does not let this community see this";
    case "privacy":
      return "it does not serve the user at this security level, or cannot decrypt with the privacy key";
    case "too_big":
      return "its answer does not fit into a message";
    case "no_such_name":
      return "an object is not there";
    case "malformed":
      return "its answer is not what SNMP says";
    case "refused":
      return "it could not answer";
    case "closed":
      return "the session was closed";
  }
}

function whySilent(version: AskedAs["version"], level: AskedAs["level"]): string {
  const where = "it is down or unreachable, a firewall or its own access list drops the request";
  if (version !== "3") return `${where}, or the community is wrong`;
  return level === "authPriv" ? `${where}, or the privacy key or protocol is wrong` : where;
}

/** Numbers of net-snmp's `ResponseInvalidCode`. */
const E_COULD_NOT_DECRYPT = 4;
const E_AUTH_FAILURE = 5;

/** Error statuses of RFC 3416. */
const TOO_BIG = 1;
const NO_SUCH_NAME = 2;
const NO_ACCESS = 6;
const AUTHORIZATION_ERROR = 16;

/** Names of error statuses that can be an answer to reading. */
const STATUS_NAMES: Readonly<Record<number, string>> = { 5: "genErr", 13: "resourceUnavailable" };

/** What net-snmp reports, as a failure of ours. Its own words are left out: they can quote communities and keys. */
export function classified(error: Error, asked: AskedAs): SnmpError {
  if (error instanceof SnmpError) return error;
  const { name, code, status } = error as { name?: string; code?: unknown; status?: unknown };
  if (name === "RequestTimedOutError") return failure("silent", asked);
  if (name === "RequestFailedError") return failedRequest(Number(status), asked);
  if (name === "ResponseInvalidError") return invalidResponse(code, error.message, asked);
  // The system could not send: no route, no such network.
  if (typeof code === "string" && /^E[A-Z]+$/.test(code)) return failure("silent", asked, code);
  return failure("malformed", asked);
}

function failedRequest(status: number, asked: AskedAs): SnmpError {
  switch (status) {
    case TOO_BIG:
      return failure("too_big", asked);
    case NO_SUCH_NAME:
      return failure("no_such_name", asked);
    case NO_ACCESS:
    case AUTHORIZATION_ERROR:
      return failure("authorization", asked);
    default:
      return failure("refused", asked, STATUS_NAMES[status] ?? `error status ${status}`);
  }
}

/** The reports of the user-based security model (RFC 3414) come with one code, told apart by net-snmp's name of each. */
function invalidResponse(code: unknown, text: string, asked: AskedAs): SnmpError {
  if (code === E_COULD_NOT_DECRYPT) return failure("privacy", asked);
  if (code !== E_AUTH_FAILURE) return failure("malformed", asked);
  if (text.startsWith("Unknown User")) return failure("unknown_user", asked);
  if (text.startsWith("Unsupported Security") || text.startsWith("Decryption")) return failure("privacy", asked);
  if (text.startsWith("Wrong Digest") || text.startsWith("Authentication digest")) {
    return failure("authentication", asked);
  }
  return failure("malformed", asked);
}
