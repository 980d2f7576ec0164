/** The Sigma front end: specification 2.1 whole, to the same rules as the native one. */

import type { FrontEnd } from "../front_end.ts";
import { isSigma } from "../front_end.ts";
import { readDocument } from "./document.ts";
import { linkSigma } from "./link.ts";

export { readDocument, type SigmaDocument } from "./document.ts";
export { type LinkedSigma, linkSigma } from "./link.ts";
export { routeOf } from "./logsource.ts";
export type { ValueLists } from "./placeholder.ts";

/** Reads every Sigma document: rules, correlations and filters. */
export const sigmaFrontEnd: FrontEnd = {
  name: "sigma",
  accepts: isSigma,
  parse(documents, context) {
    const valueLists = context.valueLists ?? new Map();
    return linkSigma(documents.map((document) => readDocument(document, valueLists)));
  },
};
