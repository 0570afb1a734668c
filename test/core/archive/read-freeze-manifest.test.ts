import { expect, it } from "vitest";
import { readFreezeManifest } from "../../../core/archive/read-freeze-manifest.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { freezeManifestBytes } from "../../../core/promotion/freeze-manifest.ts";
import { manifest } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";

const frozen = JSON.parse(fromUtf8(freezeManifestBytes(manifest)));

it("freeze.json has its lists in the one order that has a digest", () => {
  const reversed = { ...frozen, artifacts: frozen.artifacts.toReversed() };
  expect(codeOf(() => readFreezeManifest(canonicalJsonBytes(reversed)))).toEqual({
    code: "pack-invalid",
    sentence: "freeze.json is not in canonical form.",
  });
});
