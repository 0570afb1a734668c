import * as v from "valibot";
import { requestSentence } from "../encoding/request-sentence.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import {
  type ArtifactRole,
  candidateRoles,
  type EvidenceKind,
  evidenceKinds,
  type Lineage,
} from "./freeze-manifest.ts";
import { requestParts } from "./request.ts";

/** A file of a sketch: what is not known yet is left out. */
interface SketchedFile {
  readonly name: string;
  readonly size?: number;
  readonly sha256?: Sha256;
  /** Where it lies in the candidate's folder; by its name where this is left out. */
  readonly path?: string;
}

/** What a request would say, as far as it is known: a promotion request is a sketch of itself. */
export interface RequestSketch {
  readonly model: { readonly name: string; readonly type: string; readonly version?: string };
  readonly target: string;
  readonly artifacts: readonly (SketchedFile & { readonly role: ArtifactRole })[];
  readonly evidence: readonly (SketchedFile & { readonly kind: EvidenceKind; readonly format: string })[];
  readonly lineage: Lineage;
  readonly classification?: { readonly riskTier?: string; readonly dataClass?: string };
}

const { name, slug, file, authors, classification } = requestParts;
const sketchedFile = {
  name,
  size: v.exactOptional(file.size),
  sha256: v.exactOptional(file.sha256),
  // Where CI finds it is nothing to the rules, and is not there yet where a request is only thought of.
  mediaType: v.exactOptional(v.unknown()),
  uri: v.exactOptional(v.unknown()),
  versionId: v.exactOptional(v.unknown()),
  path: v.exactOptional(v.pipe(v.string(), v.maxLength(1000))),
};
const schema = v.strictObject({
  model: v.strictObject({ name: slug, type: slug, version: v.exactOptional(name) }),
  target: slug,
  artifacts: v.optional(
    v.pipe(v.array(v.strictObject({ role: v.picklist(candidateRoles), ...sketchedFile })), v.maxLength(50)),
    [],
  ),
  evidence: v.optional(
    v.pipe(
      v.array(v.strictObject({ kind: v.picklist(evidenceKinds), format: slug, ...sketchedFile })),
      v.maxLength(50),
    ),
    [],
  ),
  lineage: v.optional(
    v.strictObject({
      trainedBy: v.optional(authors, []),
      codeAuthors: v.optional(authors, []),
      dataOwners: v.optional(authors, []),
      infrastructureAuthors: v.optional(authors, []),
      source: v.exactOptional(v.unknown()),
    }),
    {},
  ),
  classification: v.exactOptional(classification),
});

/** Reads a sketch of a request. Throws `invalid-request` naming every field that is wrong, and unknown ones. */
export function parseRequestSketch(body: unknown): RequestSketch {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues));
  const { model, target, artifacts, evidence, lineage, classification: declared } = result.output;
  const { trainedBy, codeAuthors, dataOwners, infrastructureAuthors } = lineage;
  const names = [...artifacts, ...evidence].map((each) => each.name.toLowerCase());
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined)
    throw new Failure("invalid-request", `The file name '${twice}' is used twice; each file needs a name of its own.`);
  return {
    model,
    target,
    artifacts: artifacts.map(({ role, ...rest }) => ({ role, ...measuresOf(rest) })),
    evidence: evidence.map(({ kind, format, ...rest }) => ({ kind, format, ...measuresOf(rest) })),
    lineage: { trainedBy, codeAuthors, dataOwners, infrastructureAuthors } as Lineage,
    ...(declared === undefined ? {} : { classification: declared as NonNullable<RequestSketch["classification"]> }),
  };
}

function measuresOf({ name: called, size, sha256, path }: SketchedFile): SketchedFile {
  return {
    name: called,
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(path === undefined ? {} : { path }),
  };
}
