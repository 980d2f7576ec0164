/** A machine with nothing on it but what a test puts there. */

import type { ConfigAccess } from "../../src/config/access.ts";

export interface FakeMachine {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export function fakeAccess({ files = {}, env = {} }: FakeMachine = {}): ConfigAccess {
  return {
    env,
    hostname: () => "test-host",
    readTextFile(path, bytesMax) {
      const text = files[path];
      if (text === undefined) throw new Deno.errors.NotFound(path);
      if (text.length > bytesMax) throw new RangeError(`it must be at most ${bytesMax} bytes`);
      return text;
    },
  };
}
