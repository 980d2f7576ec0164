/**
 * Where secrets stand in command lines and logs, by default. An expression's first group, at its beginning, is kept, and so is
 * its second, at its end; what stands between is masked. All of them run in time linear in the text (`core/expression.ts`).
 */

export interface MaskingPattern {
  readonly expression: string;
  /** Texts in lower case of which one is in whatever the expression is found in. Absent: as the expression itself says. */
  readonly literals?: readonly string[];
}

/** Words that a secret's name ends in. `pwd` is not among them: it is a folder more often than a secret. */
const NAMED = anyCase(
  "passw(?:or)?d|passphrase|passcode|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|account[_-]?key|" +
    "private[_-]?key|credentials?|connection[_-]string",
);
const NAMED_LITERALS = [
  "passw",
  "passphrase",
  "passcode",
  "secret",
  "token",
  "credential",
  ...["api", "access", "account", "private"].flatMap((of) => [`${of}key`, `${of}_key`, `${of}-key`]),
  ...["connection_string", "connection-string"],
];

/** The same as they stand before a colon and a blank: without `passwd: `, which is a program in a log. */
const TOLD = anyCase("password|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key");

/** A value as it stands behind a name: within quotes up to the closing one, else up to a blank or what parts it from the next. */
const QUOTED = `"(?:[^"\\\\]|\\\\.)*|'[^']*`;
const VALUE = `(?:${QUOTED}|[^\\s"'&;,|<>(){}]+)`;
const ARGUMENT = `(?:${QUOTED}|[^\\s"'|;&]+)`;

const PRIVATE_KEY = "-----BEGIN [A-Z ]*PRIVATE KEY-----";

export const DEFAULT_PATTERNS: readonly MaskingPattern[] = [
  // name=value: --password=x, DB_PASSWORD=x, ?token=x&, password = x
  { expression: `((?:${NAMED})["']?\\s*=\\s*)${VALUE}`, literals: NAMED_LITERALS },
  // "name": "value", and name: value; not the `(passwd:...` of PAM
  { expression: `((?:${NAMED})["']\\s*:\\s*)${VALUE}`, literals: NAMED_LITERALS },
  { expression: `((?:${TOLD}):\\s+)${VALUE}`, literals: NAMED_LITERALS },
  // pwd=x, unless it is a folder
  { expression: `(\\b${anyCase("pwd")}["']?\\s*[=:]\\s*["']?)[^\\s"'&;,|/~.][^\\s"'&;,|]*`, literals: ["pwd"] },
  // --password x, -token x
  {
    expression: `((?:^|\\s)--?(?:[\\w-]*[_-])?(?:${NAMED})\\s+)(?:${QUOTED}|[^\\s"'-][^\\s"']*)`,
    literals: NAMED_LITERALS,
  },
  // options that programs have of their own, where the program is named: an expression over both would search long
  { expression: `(\\s-p)${ARGUMENT}`, literals: ["mysql", "mariadb", "mycli"] },
  { expression: `(\\s-p\\s*)${ARGUMENT}`, literals: ["sshpass"] },
  {
    expression: `(\\s(?:-u|-U|--user|--proxy-user)[\\s=]*["']?[^\\s:"']+:)[^\\s"']+`,
    literals: ["curl", "wget"],
  },
  { expression: `(\\s(?:-a|--pass)\\s+)${ARGUMENT}`, literals: ["redis-cli"] },
  {
    expression: `(\\s-w\\s*)${ARGUMENT}`,
    literals: ["ldapsearch", "ldapmodify", "ldapadd", "ldapdelete", "ldappasswd", "ldapwhoami"],
  },
  { expression: `(\\s-U\\s*["']?[^\\s%"']+%)[^\\s"']+`, literals: ["smbclient", "rpcclient", "smbmap"] },
  { expression: `(\\bpass:)[^\\s"']+`, literals: ["pass:"] },
  {
    expression: `(\\becho\\s+(?:-\\w+\\s+)*["']?[\\w.-]+:)[^\\s"'|]+(["']?\\s*\\|\\s*(?:sudo\\s+)?chpasswd)`,
    literals: ["chpasswd"],
  },
  // scheme://user:secret@host
  { expression: `(://[^\\s/:@"']*:)[^\\s/@"']+(@)`, literals: ["://"] },
  // headers
  {
    expression: `(${anyCase("authorization")}["']?\\s*[:=]\\s*["']?(?:(?:${
      anyCase("basic|bearer|digest|negotiate|ntlm|token|apikey")
    })\\s+)?)[^\\s"']+`,
    literals: ["authorization"],
  },
  { expression: `(\\b${anyCase("bearer")}\\s+)[A-Za-z0-9._~+/-]+=*`, literals: ["bearer"] },
  { expression: `(\\b(?:${anyCase("set-")})?${anyCase("cookie")}["']?:\\s*)[^\\n"']+`, literals: ["cookie"] },
  // keys that are known by their form
  { expression: `\\b(?:AKIA|ASIA)${"[0-9A-Z]".repeat(16)}`, literals: ["akia", "asia"] },
  { expression: "\\bgh[pousr]_[A-Za-z0-9]+", literals: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"] },
  { expression: "\\bgithub_pat_\\w+", literals: ["github_pat_"] },
  { expression: "\\bglpat-[\\w-]+", literals: ["glpat-"] },
  { expression: "\\bxox[abeoprs]-[\\w-]+", literals: ["xox"] },
  { expression: `\\bAIza${"[\\w-]".repeat(30)}[\\w-]*`, literals: ["aiza"] },
  { expression: "\\b[rs]k_(?:live|test)_\\w+", literals: ["k_live_", "k_test_"] },
  { expression: `\\bnpm_${"[A-Za-z0-9]".repeat(30)}[A-Za-z0-9]*`, literals: ["npm_"] },
  { expression: "\\beyJ[\\w-]+\\.eyJ[\\w-]+\\.[\\w-]*", literals: ["eyj"] },
  // up to the end of the key, or of the text where that comes first
  { expression: `(${PRIVATE_KEY})[^-]+`, literals: ["private key-----"] },
];

/** An expression whose letters stand for both cases: with `(?i)` V8's linear engine would refuse it. Classes stay as they are. */
function anyCase(expression: string): string {
  return expression.replace(
    /\[[^\]]*\]|\\.|[a-z]/g,
    (part) => (part.length > 1 ? part : `[${part}${part.toUpperCase()}]`),
  );
}
