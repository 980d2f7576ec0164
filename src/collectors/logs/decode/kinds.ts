/** Every kind of event that decoders yield. */

import type { KindDescription } from "../../../core/collector.ts";

type Row = readonly [kind: string, description: string];

/** What programs say in the system's log. Sigma's log sources of that log name all of them. */
const SYSTEM: readonly Row[] = [
  ["log.line", "A line that no decoder knows, with its text"],
  ["authentication.failure", "One attempt to log in, or to become somebody, that failed"],
  ["authentication.success", "One that succeeded"],
  ["pam.failure", "What PAM says of an attempt that failed: the program tells of the same one"],
  ["pam.user_unknown", "PAM was asked about an account that there is not"],
  ["session.start", "A session was opened for an account"],
  ["session.end", "It was closed"],
  ["session.new", "The login manager made a session"],
  ["session.removed", "It removed one"],
  ["login.too_many_attempts", "Too many tries at a terminal"],
  ["ssh.invalid_user", "Somebody named an account that there is not"],
  ["ssh.probe", "Somebody connected without trying to log in, asked which methods there are, or spoke no SSH"],
  ["ssh.connection", "Somebody connected"],
  ["ssh.disconnect", "A connection ended"],
  ["ssh.postponed", "An attempt goes on in another step"],
  ["ssh.timeout", "Nobody had logged in when the time was up"],
  ["ssh.too_many_attempts", "A connection was ended for its many failures"],
  ["ssh.not_allowed", "An account that may not log in this way"],
  ["ssh.reverse_mapping_failed", "An address whose name does not lead back to it"],
  ["sudo.command", "A command run by sudo"],
  ["sudo.denied", "A command that sudo refused"],
  ["user.create", "An account was created, or could not be"],
  ["user.change", "An account was changed"],
  ["user.delete", "An account was deleted"],
  ["user.lock", "An account was locked"],
  ["user.unlock", "It was unlocked"],
  ["user.password_change", "A password was changed"],
  ["group.create", "A group was created"],
  ["group.change", "A group was changed"],
  ["group.delete", "A group was deleted"],
  ["group.member_add", "An account was added to a group"],
  ["group.member_remove", "It was removed from one"],
  ["cron.run", "cron ran a command"],
  ["cron.change", "A table of cron was replaced or deleted"],
  ["cron.edit", "One is being edited, or was"],
  ["cron.list", "One was listed"],
  ["cron.reload", "cron read one again"],
  ["service.start", "A unit of systemd started"],
  ["service.finish", "One that ends by itself did"],
  ["service.stop", "One stopped"],
  ["service.exit", "The main process of one ended"],
  ["service.failure", "One failed"],
  ["service.restart", "One will be started again"],
  ["service.usage", "What one used"],
  ["service.manager_reload", "systemd reads its units again"],
  ["firewall.packet", "A packet that the kernel's filter logged"],
];

const OTHERS: readonly Row[] = [
  ["web.access", "A request that a web server answered"],
  ["web.error", "What a web server says of an error"],
  ["audit.event", "An event of the kernel's audit, its records joined"],
];

const describe = ([kind, description]: Row): KindDescription => ({ kind, description });

/** Kinds of what programs say in the system's log. */
export const SYSTEM_LOG_KINDS: readonly KindDescription[] = SYSTEM.map(describe);

/** Every kind that a decoder yields, foreign events (JSON lines) apart. */
export const DECODED_KINDS: readonly KindDescription[] = [...SYSTEM_LOG_KINDS, ...OTHERS.map(describe)];
