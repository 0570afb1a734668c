import { parseXml, XmlElement, XmlError } from "@rgrove/parse-xml";

export type { XmlElement } from "@rgrove/parse-xml";

/** How much an XML document may ask of the reader. */
export interface XmlLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly elements: number;
}

const evidenceXmlLimits: XmlLimits = { bytes: 16 * 1024 * 1024, depth: 32, elements: 200_000 };

export type StrictXml =
  | { readonly kind: "root"; readonly root: XmlElement }
  | { readonly kind: "problem"; readonly sentence: string };

/**
 * Reads hostile bytes as XML 1.0. A document type declaration is refused, whatever it holds: no entity is declared, so
 * none is expanded or fetched (CWE-611, CWE-776). Size, depth and number of elements are known before it is parsed.
 */
export function readStrictXml(bytes: Uint8Array, limits: XmlLimits = evidenceXmlLimits): StrictXml {
  const refuse = (sentence: string): StrictXml => ({ kind: "problem", sentence });
  if (bytes.byteLength > limits.bytes)
    return refuse(`The document has ${bytes.byteLength} bytes; at most ${limits.bytes} are read.`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("The document is not valid UTF-8.");
  }
  const excess = excessIn(text, limits);
  if (excess !== undefined) return refuse(`${excess.what} at ${lineAndColumn(text, excess.at)}.`);
  try {
    const { root } = parseXml(text);
    return root === null ? refuse("The document has no element.") : { kind: "root", root };
  } catch (problem) {
    if (!(problem instanceof XmlError)) throw problem;
    return refuse(`${firstSentence(problem.message)} at line ${problem.line}, column ${problem.column}.`);
  }
}

/** The element's child elements of a name. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child instanceof XmlElement).filter((child) => child.name === name);
}

/** The first place that asks for more than is given; what is not well-formed is left to the parser. */
function excessIn(text: string, limits: XmlLimits): { readonly what: string; readonly at: number } | undefined {
  let depth = 0;
  let elements = 0;
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at)) {
    if (text.startsWith("<!--", at)) at = after(text, "-->", at + 4);
    else if (text.startsWith("<![CDATA[", at)) at = after(text, "]]>", at + 9);
    else if (text.startsWith("<?", at)) at = after(text, "?>", at + 2);
    else if (text[at + 1] === "!") return { what: "A document type declaration is not taken: it stands", at };
    else if (text[at + 1] === "/") {
      depth--;
      at += 2;
    } else {
      if (++elements > limits.elements) return { what: `The document holds more than ${limits.elements} elements`, at };
      const end = endOfTag(text, at + 1);
      if (text[end - 1] !== "/" && ++depth > limits.depth)
        return { what: `The document is nested deeper than ${limits.depth} elements`, at };
      at = end;
    }
  }
  return undefined;
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

/** Where the tag's closing bracket stands: one inside quotes is not it. */
function endOfTag(text: string, from: number): number {
  const mark = /["'>]/g;
  mark.lastIndex = from;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === ">") return found.index;
    mark.lastIndex = after(text, found[0], found.index + 1);
  }
  return text.length;
}

function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at);
  return `line ${before.split("\n").length}, column ${at - before.lastIndexOf("\n")}`;
}

/** The parser's message without the excerpt that it prints below. */
function firstSentence(message: string): string {
  return (message.split("\n", 1)[0] ?? message).replace(/ \(line [0-9]+, column [0-9]+\)/, "");
}
