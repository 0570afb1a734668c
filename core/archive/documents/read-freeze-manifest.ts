import * as v from "valibot";
import { policyModelType } from "../../approval/matrix.ts";
import { noList } from "../../encoding/no-list.ts";
import { Failure } from "../../failure.ts";
import {
  artifactRoles,
  evidenceKinds,
  type FreezeManifest,
  isInManifestOrder,
} from "../../promotion/freeze-manifest.ts";
import { author, count, digest, identity, slug, text } from "./document-forms.ts";
import { documentReader } from "./json-document.ts";
import { targetForm } from "./target-form.ts";

const file = { name: text, mediaType: text, size: count, sha256: digest };
const authors = v.array(author);
const manifest: v.GenericSchema<FreezeManifest> = v.strictObject({
  manifestVersion: v.literal(1),
  model: v.strictObject({ name: slug, type: slug, version: text }),
  target: targetForm,
  artifacts: v.array(v.strictObject({ role: v.picklist(artifactRoles), ...file })),
  evidence: v.array(v.strictObject({ kind: v.picklist(evidenceKinds), format: text, ...file })),
  requester: identity,
  lineage: v.strictObject({
    trainedBy: authors,
    codeAuthors: authors,
    dataOwners: authors,
    infrastructureAuthors: authors,
    source: v.exactOptional(v.strictObject({ repository: text, commit: text })),
  }),
  classification: v.exactOptional(
    v.strictObject({ ...noList, riskTier: v.exactOptional(text), dataClass: v.exactOptional(text) }),
  ),
});

const read = documentReader<FreezeManifest>({
  name: "freeze.json",
  member: "manifestVersion",
  form: manifest,
  // Its bytes are canonical JSON: only the order of its lists is left.
  isInForm: isInManifestOrder,
});

/** Reads `freeze.json`; throws `newer-version`, or `pack-invalid`, also where it is not in the one spelling that has a digest. */
export function readFreezeManifest(bytes: Uint8Array): FreezeManifest {
  const frozen = read(bytes);
  if (!isOfPoliciesOrNot(frozen))
    throw new Failure(
      "pack-invalid",
      "freeze.json is of policies in some of what it says, and of a model in the rest.",
    );
  if (!isUnambiguous(frozen))
    throw new Failure(
      "pack-invalid",
      "freeze.json has not one artifact in the role 'model' and one in the role 'environment', or two files of one name: which of them runs nobody signed.",
    );
  return frozen;
}

/** As it is asked of a submission: what runs is found by its role, and documents by their names. */
function isUnambiguous({ target, artifacts, evidence }: FreezeManifest): boolean {
  const names = [...artifacts, ...evidence].map(({ name }) => name.toLowerCase());
  const once = (wanted: string) => artifacts.filter(({ role }) => role === wanted).length === 1;
  return new Set(names).size === names.length && (target.kind === "policy" || (once("model") && once("environment")));
}

/** Policies run nowhere, so what is asked of what runs is not asked of them: nothing else may go by their name. */
function isOfPoliciesOrNot({ target, model, artifacts }: FreezeManifest): boolean {
  const ofPolicies = target.kind === "policy";
  return [model.type === policyModelType, model.name === policyModelType, artifacts.length > 0 && ofPolicies]
    .concat(artifacts.map(({ role }) => role === "policy"))
    .every((each) => each === ofPolicies);
}
