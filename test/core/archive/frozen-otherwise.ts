import { expect } from "vitest";
import { type FreezeManifest, freezeDigest, inManifestOrder } from "../../../core/promotion/freeze-manifest.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { House } from "./house.ts";
import { type Files, packOf } from "./memory-pack.ts";

/** A candidate that was frozen and judged as no submission lets it be asked for. `sameAs`: files of other names, with the bytes of those. */
export async function frozenOtherwise(
  change: (manifest: FreezeManifest) => FreezeManifest,
  sameAs: Readonly<Record<string, string>> = {},
): Promise<Files> {
  const house = new House();
  const asked = house.promotions.stored(await house.submit("candidate", "2.0.0"));
  const manifest = inManifestOrder(change(asked.manifest));
  const digest = freezeDigest(manifest);
  const id = promotionId(digest, 1);
  const history = asked.history.map((fact) => ({
    ...fact,
    id: `${id}/0`,
    promotion: id,
    body: { ...fact.body, freezeDigest: digest },
  }));
  const others = Object.entries(sameAs).map(([name, other]) => [name, asked.sources[other] ?? expect.unreachable()]);
  const sources = { ...asked.sources, ...Object.fromEntries(others) };
  house.promotions.put({ ...asked, id, manifest, freezeDigest: digest, sources, history });
  await house.freezeAndJudge(id);
  return await packOf({ house }, { facts: house.facts.filter(({ promotion }) => promotion !== asked.id) });
}
