/** The API's configuration. */

import { z } from "zod";
import { secretSchema } from "../core/schema.ts";

/** Keys under `api:`. */
export const apiSchema = z.strictObject({
  token: secretSchema().optional()
    .describe(
      "What a client has to send as `Authorization: Bearer ...`; /health needs none. Unset: no token is asked for.",
    )
    .meta({ examples: ["file:/etc/weir/token"] }),
});
