import type { PackFindingCode } from "../../../../core/archive/pack/pack-findings.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import type { FactType } from "../../../../core/promotion/fact.ts";
import { flipped } from "../retelling.ts";
import type { Told } from "../told.ts";

/** A document that a lying service puts in place of the true one, and what then does not add up. */
export interface TamperedDocument {
  /** The record that names it. */
  readonly of: FactType;
  /** An empty JSON object unless told. */
  readonly change?: (bytes: Uint8Array, told: Told) => Uint8Array;
  readonly code: PackFindingCode;
  readonly sentence: RegExp;
}

const evidence = (name: string): TamperedDocument => ({
  of: "freeze",
  code: "freeze-differs",
  sentence: new RegExp(`^The evidence '${name.replace(".", "\\.")}' that was kept is not the one that was frozen\\.$`),
});

/** By the name under which records keep them. */
export const tamperedDocuments: Readonly<Record<string, TamperedDocument>> = {
  "freeze.json": {
    of: "freeze",
    code: "freeze-differs",
    sentence: /^freeze\.json is not of the form that is known here/,
  },
  ...Object.fromEntries(
    [
      "bias.json",
      "data-schema.json",
      "explainability.json",
      "iac-plan.json",
      "model-quality.json",
      "security-scan.json",
      "unit-tests.xml",
    ].map((name) => [name, evidence(name)]),
  ),
  "environment.json": {
    of: "deployment-started",
    code: "deployment-unapproved",
    sentence:
      /^By 'p-[0-9a-f]{32}-1\/\d+' the environment with the digest '[0-9a-f]{64}' was deployed, and '[0-9a-f]{64}' was signed off\.$/,
  },
  "running.json": {
    of: "intruder-found",
    code: "deployment-differs",
    sentence: /^running\.json is not of the form that is known here\.$/,
  },
  "gate-report.json": { of: "gates", code: "gates-differ", sentence: /do not come to the report that was recorded\.$/ },
  "evidence-summary.json": { of: "gates", code: "gates-differ", sentence: /does not make the summary/ },
  "requirements.json": { of: "gates", code: "life-cycle", sentence: /its requirements are not those it names/ },
  "policies.json": {
    of: "gates",
    code: "policy-differs",
    sentence: /^The record names other policies than it brings\.$/,
  },
  "people.yaml": {
    of: "gates",
    code: "policy-differs",
    sentence: /brings policies, and not the people\.yaml that they name\.$/,
  },
  "channels.yaml": {
    of: "gates",
    code: "policy-differs",
    sentence: /brings policies, and not the channels\.yaml that they name\.$/,
  },
  "policy-check.json": {
    of: "freeze",
    change: (bytes) => flipped(bytes, 3),
    code: "freeze-differs",
    sentence: /^The evidence 'policy-check\.json' that was kept is not the one that was frozen\.$/,
  },
  "gates.wasm": {
    of: "gates",
    change: (bytes) => flipped(bytes),
    code: "gates-differ",
    sentence: /^The policy in the pack is not the one that the requirements name\.$/,
  },
  "earlier-releases.json": {
    of: "gates",
    code: "gates-differ",
    sentence: /^earlier-releases\.json does not say what was released before\.$/,
  },
  "sign-off.dsse.json": { of: "sign-off", code: "sign-off-invalid", sentence: /^This is not a DSSE envelope\.$/ },
  "id-token.jwt": {
    of: "sign-off",
    change: (bytes) => flipped(bytes, 5),
    code: "sign-off-invalid",
    sentence: /^The token's header cannot be used\.$/,
  },
  "jwks.json": {
    of: "sign-off",
    code: "sign-off-invalid",
    sentence: /^The identity provider's keys are not a JSON Web Key Set\.$/,
  },
  "passkey.json": {
    of: "passkey-enrolled",
    code: "passkey-invalid",
    sentence: /^The recorded answer of a passkey is not in its form\.$/,
  },
  "passkey.dsse.json": {
    of: "passkey-confirmed",
    code: "passkey-invalid",
    sentence: /^This is not a DSSE envelope\.$/,
  },
  "loan.dsse.json": { of: "loan-requested", code: "loan-invalid", sentence: /^This is not a DSSE envelope\.$/ },
  "verdict.dsse.json": { of: "verdict", code: "verdict-differs", sentence: /^This is not a DSSE envelope\.$/ },
  "people.json": {
    of: "verdict",
    code: "document-changed",
    sentence: /^people\.json is not of the form that is known here/,
  },
  "deployment.json": {
    of: "deployed",
    change: (bytes) => utf8(fromUtf8(bytes).replace('"progress":"serving"', '"progress":"under-way"')),
    code: "deployment-differs",
    sentence: /^It is recorded as deployed, and what the target said then is 'under-way'\.$/,
  },
  "delegation.dsse.json": { of: "delegated", code: "delegation-invalid", sentence: /^This is not a DSSE envelope\.$/ },
  "original-freeze.json": {
    of: "sign-off-kept",
    code: "sign-off-invalid",
    sentence: /^freeze\.json is not of the form that is known here/,
  },
  "original-requirements.json": {
    of: "sign-off-kept",
    code: "sign-off-invalid",
    sentence: /^requirements\.json is not of the form that is known here/,
  },
  "original-beside-earlier-releases.json": {
    of: "sign-off-kept",
    code: "sign-off-invalid",
    sentence: /which judges what is compared with something else now/,
  },
};
