import * as v from "valibot";
import { requestSentence } from "../encoding/request-sentence.ts";
import { isSha256, type Sha256 } from "../encoding/sha256.ts";
import { slugPattern } from "../encoding/slug.ts";
import { Failure } from "../failure.ts";
import { largestDocument, requireHashable } from "./artifact-sizes.ts";
import {
  type ArtifactRole,
  candidateRoles,
  type EvidenceKind,
  evidenceKinds,
  type FreezeManifest,
  inManifestOrder,
  type Lineage,
  type Model,
} from "./freeze-manifest.ts";
import type { Identity } from "./identity.ts";
import { isReservedName } from "./personal-documents.ts";
import type { Source } from "./promotion.ts";
import type { Target } from "./target.ts";

/** A file that CI declares: what it is called, where it lies, how long it is and what its bytes hash to. */
export interface DeclaredFile extends Source {
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly sha256: Sha256;
}

/** The body of `POST /v1/promotions`, as CI sends it. */
export interface PromotionRequest {
  readonly model: Model;
  /** Name of one of the deployment's targets. */
  readonly target: string;
  readonly artifacts: readonly (DeclaredFile & { readonly role: ArtifactRole })[];
  readonly evidence: readonly (DeclaredFile & { readonly kind: EvidenceKind; readonly format: string })[];
  readonly lineage: Lineage;
  readonly classification?: FreezeManifest["classification"];
}

/** An object of S3 is no longer than that: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const maximumFileBytes = 5 * 1024 ** 4;
/** All documents are held at once where they are judged: 128 MiB take half of that function's memory (measured). */
const maximumEvidenceMebibytes = 128;
const name = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/, "must be 1 to 120 letters, digits, dots, dashes or underscores"),
);
export const slug = v.pipe(v.string(), v.regex(slugPattern, "must be 1 to 63 lower-case letters, digits or dashes"));
export const shortText = v.pipe(
  v.string(),
  v.minLength(1, "must not be empty"),
  v.maxLength(320, "must be at most 320 characters"),
);
/** The fields of a file that CI declares. */
export const declaredFile = {
  name,
  mediaType: v.pipe(
    v.string(),
    // As long as a record can hold, which names it.
    v.regex(/^[a-z]{1,40}\/[a-z0-9.+-]{1,80}$/, "must be a media type such as application/json"),
  ),
  size: v.pipe(v.number(), v.integer("must be a whole number of bytes"), v.minValue(0), v.maxValue(maximumFileBytes)),
  sha256: v.custom<Sha256>(isSha256, "must be a SHA-256 digest: 64 lower-case hexadecimal digits"),
  uri: v.pipe(
    v.string(),
    v.maxLength(1100),
    v.regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+$/, "must be an address such as s3://bucket/key"),
  ),
  versionId: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1024))),
};
function oneOf<const Names extends readonly string[]>(names: Names) {
  return v.picklist(names, `must be one of ${names.join(", ")}`);
}

const author = v.union(
  [
    v.strictObject({ address: v.pipe(v.string(), v.email("must be an email address"), v.maxLength(320)) }),
    v.strictObject({
      account: v.strictObject({
        provider: oneOf(["github", "gitlab"]),
        id: v.pipe(v.string(), v.regex(/^[0-9]{1,20}$/, "must be the account's numeric id, not its login name")),
      }),
    }),
    v.strictObject({ identity: v.strictObject({ issuer: shortText, subject: shortText }) }),
  ],
  "must name one of address, account or identity",
);
const authors = v.pipe(v.array(author), v.maxLength(200, "must name at most 200 people"));
const lineage = v.strictObject({
  trainedBy: v.pipe(authors, v.minLength(1, "must name who trained the model")),
  codeAuthors: authors,
  dataOwners: authors,
  infrastructureAuthors: authors,
  source: v.optional(
    v.strictObject({
      repository: shortText,
      commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{40,64}$/, "must be a full commit id in hexadecimal")),
    }),
  ),
});
const classification = v.strictObject({ riskTier: v.optional(slug), dataClass: v.optional(slug) });

/** Parts of a request that a sketch of one has as well. */
export const requestParts = { name, slug, file: declaredFile, authors, classification } as const;

const schema = v.strictObject({
  model: v.strictObject({ name: slug, type: slug, version: name }),
  target: slug,
  artifacts: v.pipe(
    v.array(v.strictObject({ role: oneOf(candidateRoles), ...declaredFile })),
    v.minLength(1, "must name at least the model"),
    v.maxLength(50, "must name at most 50 files"),
  ),
  evidence: v.pipe(
    v.array(v.strictObject({ kind: oneOf(evidenceKinds), format: slug, ...declaredFile })),
    v.maxLength(50, "must name at most 50 documents"),
  ),
  lineage,
  classification: v.optional(classification),
});

/** Reads the body of a submission. Throws `invalid-request` naming every field that is wrong, and unknown ones. */
export function parsePromotionRequest(body: unknown): PromotionRequest {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues));
  const request = result.output as PromotionRequest;
  refuseAmbiguousNames(request);
  refuseEmptyModel(request);
  refuseTooMuchEvidence(request);
  requireHashable(request.artifacts);
  return request;
}

/** The manifest that a request stands for; the target and the requester come from the deployment, not from the request. */
export function manifestOf(request: PromotionRequest, target: Target, requester: Identity): FreezeManifest {
  return inManifestOrder({
    manifestVersion: 1,
    model: request.model,
    target,
    artifacts: request.artifacts.map(({ role, name, mediaType, size, sha256 }) => ({
      role,
      name,
      mediaType,
      size,
      sha256,
    })),
    evidence: request.evidence.map(({ kind, format, name, mediaType, size, sha256 }) => ({
      kind,
      format,
      name,
      mediaType,
      size,
      sha256,
    })),
    requester,
    lineage: request.lineage,
    ...(request.classification === undefined ? {} : { classification: request.classification }),
  });
}

/** Where CI left each file, by file name. */
export function sourcesOf(request: PromotionRequest): Readonly<Record<string, Source>> {
  const entries = [...request.artifacts, ...request.evidence].map(
    ({ name, uri, versionId }) => [name, versionId === undefined ? { uri } : { uri, versionId }] as const,
  );
  return Object.fromEntries(entries);
}

/** Whoever judges it would say of what it needs that it is missing. */
function refuseEmptyModel({ artifacts }: PromotionRequest): void {
  const empty = artifacts.find(({ role, size }) => role === "model" && size === 0);
  if (empty !== undefined) throw new Failure("invalid-request", `The model '${empty.name}' is empty: it has 0 bytes.`);
}

function refuseTooMuchEvidence({ evidence }: PromotionRequest): void {
  const large = evidence.find(({ size }) => size > largestDocument);
  if (large !== undefined)
    throw new Failure("invalid-request", `'${large.name}' has ${large.size} bytes; a document may have 16 MiB.`);
  const bytes = evidence.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= maximumEvidenceMebibytes * 1024 ** 2) return;
  throw new Failure(
    "invalid-request",
    `The evidence documents have ${bytes} bytes together; at most ${maximumEvidenceMebibytes} MiB are judged.`,
  );
}

function refuseAmbiguousNames(request: PromotionRequest): void {
  const seen = new Set<string>();
  for (const { name } of [...request.artifacts, ...request.evidence]) {
    if (isReservedName(name) || seen.has(name.toLowerCase())) {
      throw new Failure(
        "invalid-request",
        `The file name '${name}' is used twice or reserved; each file needs a name of its own.`,
      );
    }
    seen.add(name.toLowerCase());
  }
  for (const role of ["model", "environment"] as const) {
    const count = request.artifacts.filter((artifact) => artifact.role === role).length;
    if (count !== 1) {
      throw new Failure(
        "invalid-request",
        `The candidate needs exactly one artifact in the role '${role}'; the request names ${count}.`,
      );
    }
  }
}
