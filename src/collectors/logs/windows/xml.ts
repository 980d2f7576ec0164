/** Events of the Windows Event Log as XML (schema http://schemas.microsoft.com/win/2004/08/events/event), read into plain values. */

/** One element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text that stands in it itself. */
  readonly text: string;
}

/** How deep elements may stand in one another, and how many there may be in one event. */
const DEPTH_MAX = 32;
const ELEMENTS_MAX = 10_000;

interface Growing {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Growing[];
  text: string;
}

/** Splits what `wevtutil` writes into events: each from `<Event` to `</Event>`. What is between is left out. */
export function splitEvents(text: string): { readonly events: readonly string[]; readonly rest: string } {
  const events: string[] = [];
  let at = 0;
  for (;;) {
    const start = eventStart(text, at);
    if (start < 0) return { events, rest: "" };
    const end = text.indexOf("</Event>", start);
    if (end < 0) return { events, rest: text.slice(start) };
    at = end + "</Event>".length;
    events.push(text.slice(start, at));
  }
}

/** `<Event>` or `<Event xmlns=...`, not `<EventData>`. */
function eventStart(text: string, from: number): number {
  for (let at = text.indexOf("<Event", from); at >= 0; at = text.indexOf("<Event", at + 1)) {
    const next = text.charAt(at + "<Event".length);
    if (next === ">" || next === " " || next === "\n" || next === "\r" || next === "\t") return at;
  }
  return -1;
}

/** Reads one element with all that is in it; `undefined` when it is not well-formed, or larger than is taken. Never expands entities. */
export function readXml(text: string): XmlElement | undefined {
  const top: Growing = { name: "", attributes: {}, children: [], text: "" };
  const open: Growing[] = [top];
  let count = 0;
  for (let at = 0; at < text.length;) {
    const here = open.at(-1) as Growing;
    const start = text.indexOf("<", at);
    here.text += unescapeXml(text.slice(at, start < 0 ? text.length : start));
    if (start < 0) break;
    if (text.startsWith("<![CDATA[", start)) {
      const end = text.indexOf("]]>", start);
      if (end < 0) return undefined;
      here.text += text.slice(start + 9, end);
      at = end + 3;
      continue;
    }
    const isComment = text.startsWith("<!--", start);
    const end = isComment ? text.indexOf("-->", start) : tagEnd(text, start);
    if (end < 0) return undefined;
    at = end + (isComment ? 3 : 1);
    if (isComment || text[start + 1] === "?") continue;
    if (text[start + 1] === "!") return undefined;
    const tag = text.slice(start + 1, end);
    if (tag.startsWith("/")) {
      if (open.length < 2 || here.name !== tag.slice(1).trim()) return undefined;
      open.pop();
      continue;
    }
    const element = readTag(tag);
    if (element === undefined || ++count > ELEMENTS_MAX || open.length > DEPTH_MAX) return undefined;
    here.children.push(element);
    if (!tag.endsWith("/")) open.push(element);
  }
  return open.length === 1 && top.children.length === 1 ? top.children[0] : undefined;
}

/** The `>` that ends a tag: one in a quoted value does not. */
function tagEnd(text: string, start: number): number {
  let quote = "";
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === ">") return at;
  }
  return -1;
}

function readTag(tag: string): Growing | undefined {
  const name = /^[^\s/>]+/.exec(tag)?.[0];
  if (name === undefined) return undefined;
  const attributes: Record<string, string> = Object.create(null);
  const attribute = /([^\s=/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
  attribute.lastIndex = name.length;
  for (let found = attribute.exec(tag); found !== null; found = attribute.exec(tag)) {
    attributes[found[1] ?? ""] = unescapeXml(found[2] ?? found[3] ?? "");
  }
  return { name, attributes, children: [], text: "" };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The five entities of XML and numbers; any other stays as it is written. */
export function unescapeXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-z]+));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] ?? whole : whole;
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}
