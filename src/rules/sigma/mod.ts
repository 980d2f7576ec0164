/** The Sigma front end: specification 2.1 whole, to the same rules as the native one. */

import type { FrontEnd, ReadDocument } from "../front_end.ts";
import { isSigma } from "../front_end.ts";
import { readDocument, type SigmaDocument } from "./document.ts";
import { linkSigma } from "./link.ts";

export { readDocument, type SigmaDocument } from "./document.ts";
export { type LinkedSigma, linkSigma } from "./link.ts";
export { routeOf } from "./logsource.ts";
export type { ValueLists } from "./placeholder.ts";

/** Reads every Sigma document: rules, correlations and filters. */
export const sigmaFrontEnd: FrontEnd<SigmaDocument & ReadDocument> = {
  name: "sigma",
  accepts: isSigma,
  read(document, { valueLists }) {
    const read = readDocument(document, valueLists ?? new Map());
    return { ...read, ruleId: read.body?.type === "filter" ? undefined : read.header?.id };
  },
  link: linkSigma,
};
