import type { Json } from "../encoding/canonical-json.ts";
import type { EvidenceKind } from "../promotion/freeze-manifest.ts";
import type { EvidenceFacts } from "./facts.ts";
import { type JsonPath, placeIn } from "./json-pointer.ts";
import { readStrictJson } from "./strict-json.ts";

/** What came of reading a document: what it says, or why and where nobody can tell. */
export type Reading =
  | { readonly kind: "read"; readonly facts: EvidenceFacts }
  | { readonly kind: "unreadable"; readonly where: string; readonly sentence: string };

/** Understands one format of one kind of evidence. */
export interface EvidenceReader {
  readonly kind: EvidenceKind;
  /** As the freeze manifest names it. */
  readonly format: string;
  readonly read: (bytes: Uint8Array, document: string) => Reading;
}

/** Thrown by a reader's `facts` where the document is not of the format it claims; becomes an unreadable reading. */
export class NotOfThisFormat extends Error {
  readonly path: JsonPath;
  readonly sentence: string;

  constructor(path: JsonPath, sentence: string) {
    super(sentence);
    this.path = path;
    this.sentence = sentence;
  }
}

/** A reader of a JSON format, from the function that turns a parsed document into facts. */
export function jsonReader(
  kind: EvidenceKind,
  format: string,
  facts: (document: Json, name: string) => EvidenceFacts,
): EvidenceReader {
  return {
    kind,
    format,
    read(bytes, document) {
      const json = readStrictJson(bytes);
      if (json.kind === "problem")
        return { kind: "unreadable", where: `${document}#${json.pointer}`, sentence: json.sentence };
      try {
        return { kind: "read", facts: facts(json.value, document) };
      } catch (problem) {
        if (!(problem instanceof NotOfThisFormat)) throw problem;
        return { kind: "unreadable", where: placeIn(document, problem.path), sentence: problem.sentence };
      }
    },
  };
}
