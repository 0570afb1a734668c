import { signEnvelope } from "../../core/attestation/dsse.ts";
import { statementBytes } from "../../core/attestation/sign-off-statement.ts";
import { type VerdictInput, verdictOf } from "../../core/attestation/verdict.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { type FreezeManifest, freezeDigest } from "../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { promotionId } from "../../core/promotion/promotion-id.ts";
import { attestation, type attestationKey } from "../core/attestation/signing-keys.ts";
import { attestationBase, digestOf, manifest, now, requirements } from "../core/promotion/promotion-in-review.ts";
import { deployedPromotion } from "./api/deployed-promotion.ts";

export const image = `registry.example/scorer@sha256:${"a".repeat(64)}`;
/** What the frozen environment of these says. */
export const environment = utf8(JSON.stringify({ image: { reference: image } }));

/** A version that was deployed under a verdict that really is signed, and the verdict's bytes. */
export async function approvedPromotion(
  version: string,
  {
    over = {},
    candidate = {},
    verdict: said = {},
    key = attestation,
  }: {
    readonly over?: Partial<Promotion>;
    readonly candidate?: Partial<FreezeManifest>;
    readonly verdict?: Partial<VerdictInput>;
    readonly key?: ReturnType<typeof attestationKey>;
  } = {},
): Promise<{ readonly promotion: Promotion; readonly bytes: Uint8Array }> {
  const frozen = { ...manifest, model: { ...manifest.model, version }, ...candidate };
  const digest = freezeDigest(frozen);
  const at = "2026-11-01T12:00:00.000Z" as Instant;
  const statement = verdictOf({
    attestationBase,
    freezeDigest: digest,
    target: frozen.target,
    requirements: requirements.sha256,
    signOffs: [],
    result: "PASSED",
    at,
    ...said,
  });
  const envelope = await signEnvelope(statementBytes(statement), key.key.keyid, key.sign);
  const bytes = canonicalJsonBytes(envelope);
  const id = promotionId(digest, 1);
  const promotion = deployedPromotion({
    id,
    manifest: frozen,
    freezeDigest: digest,
    submittedAt: at,
    verdict: { sha256: sha256Hex(bytes), result: "PASSED", at },
    deployment: {
      startedAt: at,
      serves: {
        image,
        model: {
          uri: `s3://artifacts/frozen/${digestOf("model")}/model.json`,
          versionId: "v1",
          sha256: digestOf("model"),
        },
      },
      release: { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } },
    },
    ...over,
  });
  return { promotion, bytes };
}

/** A restriction since noon. */
export function restriction(over: Partial<NonNullable<Promotion["restriction"]>> = {}) {
  return {
    at: now,
    evidence: {
      kind: "drift",
      format: "report",
      name: "drift.json",
      mediaType: "application/json",
      size: 2,
      sha256: digestOf("drift"),
    },
    ...over,
  } as const;
}
