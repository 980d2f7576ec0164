/**
 * A thousand simulated devices in a process of their own, so that their work is not counted as Weir's: each a community of one
 * agent, with 4 processors, 8 storage areas and 24 interfaces. Prints its port and serves until its input ends.
 */

import { readRecording } from "../collectors/snmp/recorded_agent.ts";
import { Recording, startUdpAgent } from "../collectors/snmp/udp_agent.ts";

const PROCESSORS = 4;
const STORAGES = 8;
const INTERFACES = 24;

function linesOf(device: number): string[] {
  const lines = [
    "1.3.6.1.2.1.1.1.0|4|Simulated switch",
    "1.3.6.1.2.1.1.3.0|67|123456789",
    "1.3.6.1.2.1.1.4.0|4|ops@example.org",
    `1.3.6.1.2.1.1.5.0|4|switch-${device}`,
    "1.3.6.1.2.1.1.6.0|4|rack 7",
    "1.3.6.1.2.1.25.2.2.0|2|8388608",
  ];
  for (let i = 1; i <= PROCESSORS; i++) lines.push(`1.3.6.1.2.1.25.3.3.1.2.${i}|2|${(device + i) % 101}`);
  for (let i = 1; i <= STORAGES; i++) {
    lines.push(`1.3.6.1.2.1.25.2.3.1.2.${i}|6|1.3.6.1.2.1.25.2.1.4`, `1.3.6.1.2.1.25.2.3.1.3.${i}|4|/mnt/${i}`);
    lines.push(`1.3.6.1.2.1.25.2.3.1.4.${i}|2|4096`, `1.3.6.1.2.1.25.2.3.1.5.${i}|2|1000000`);
    lines.push(`1.3.6.1.2.1.25.2.3.1.6.${i}|2|${i * 10_000 + device}`);
  }
  for (let i = 1; i <= INTERFACES; i++) {
    const [table, xtable] = ["1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"];
    lines.push(`${table}.2.${i}|4|GigabitEthernet0/${i}`, `${table}.3.${i}|2|6`, `${table}.5.${i}|66|1000000000`);
    lines.push(`${table}.7.${i}|2|1`, `${table}.8.${i}|2|1`, `${table}.10.${i}|65|12345`, `${table}.16.${i}|65|54321`);
    lines.push(
      `${xtable}.1.${i}|4|Gi0/${i}`,
      `${xtable}.6.${i}|70|98765432101234`,
      `${xtable}.10.${i}|70|12345678987654`,
    );
    lines.push(`${xtable}.15.${i}|66|1000`, `${xtable}.19.${i}|67|0`);
  }
  return lines;
}

const count = Number(Deno.args[0]);
const recordings = new Map<string, Recording>();
for (let device = 0; device < count; device++) {
  recordings.set(`device-${device}`, new Recording(readRecording(linesOf(device).join("\n"))));
}
const agent = await startUdpAgent(recordings);
Deno.stdout.writeSync(new TextEncoder().encode(`${agent.port}\n`));
for await (const _ of Deno.stdin.readable);
await agent.close();
