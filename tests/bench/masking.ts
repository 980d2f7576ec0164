/** What masking costs a line: one with nothing to mask, and one with something. */

import { createMasking } from "../../src/core/masking.ts";
import { literalSieve } from "../../src/core/literal_sieve.ts";
import { DEFAULT_PATTERNS } from "../../src/core/masking_patterns.ts";
import { print } from "./machine.ts";

const LINES: readonly (readonly [what: string, line: string])[] = [
  [
    "a line of sshd's",
    "Dec 10 06:55:46 LabSZ sshd[24200]: Received disconnect from 173.234.31.186: 11: Bye Bye [preauth]",
  ],
  ["a command line", "/usr/lib/systemd/systemd-journald --foo --bar=baz /etc/hosts 1234"],
  [
    "an access log's",
    '192.0.2.7 - - [10/Dec/2023:06:55:46 +0000] "GET /index.html HTTP/1.1" 200 5124 "-" "Mozilla/5.0 (X11)"',
  ],
  [
    "a failed password",
    "Dec 10 06:55:48 LabSZ sshd[24200]: Failed password for root from 173.234.31.186 port 38926 ssh2",
  ],
  ["a masked one", "psql --password=hunter2 -h db.example.org shop"],
];

const ROUNDS = 9;
const TIMES = 20_000;

export function benchMasking(): Promise<void> {
  const { mask } = createMasking({ defaults: true, patterns: [] });
  const sieve = literalSieve(DEFAULT_PATTERNS.map(({ literals = [] }) => literals));
  const literals = DEFAULT_PATTERNS.flatMap(({ literals = [] }) => literals);
  const oneByOne = (text: string) => {
    const lower = text.toLowerCase();
    return literals.filter((literal) => lower.includes(literal));
  };
  print(
    `masking: ${DEFAULT_PATTERNS.length} patterns, ${literals.length} literals; best of ${ROUNDS} rounds of ${TIMES}`,
  );
  for (const [what, line] of LINES) {
    const figures = [nanoseconds(() => mask(line)), nanoseconds(() => sieve(line)), nanoseconds(() => oneByOne(line))];
    const [whole = 0, sieved = 0, plain = 0] = figures;
    print(
      `  ${what.padEnd(18)} ${String(line.length).padStart(4)} characters   ${whole.toFixed(0).padStart(5)} ns` +
        `   literals sieved ${sieved.toFixed(0).padStart(5)} ns, one by one ${plain.toFixed(0).padStart(6)} ns`,
    );
  }
  return Promise.resolve();
}

function nanoseconds(work: () => unknown): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    for (let i = 0; i < TIMES; i++) work();
    best = Math.min(best, (performance.now() - startMs) * 1e6 / TIMES);
  }
  return best;
}
