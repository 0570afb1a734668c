import { expect } from "vitest";
import { utf8 } from "../../core/encoding/bytes.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { frozenOtherwise } from "../core/archive/frozen-otherwise.ts";
import { House } from "../core/archive/house.ts";
import { approved } from "../core/archive/left-under-way.ts";
import { type Files, packOf } from "../core/archive/memory-pack.ts";
import { factOf } from "../core/archive/retelling.ts";

/** A model that goes by the name of policies, of which little is asked. */
export function packOfModelAsPolicies(): Promise<Files> {
  return frozenOtherwise((manifest) => ({
    ...manifest,
    target: { name: manifest.target.name, kind: "policy", endpoint: "in-force" },
  }));
}

async function verifiedIn(house: House, changed: Readonly<Record<string, string>> = {}) {
  const id = await house.submit("candidate", "2.0.0", changed);
  await approved(house, id);
  return { id, environment: attached(house, id, "environment"), verdict: attached(house, id, "verdict") };
}

function attached(house: House, id: PromotionId, what: "environment" | "verdict"): string {
  const { manifest, verdict } = house.promotions.stored(id);
  const artifact = manifest.artifacts.find(({ role }) => role === what);
  return (what === "verdict" ? verdict : artifact)?.sha256 ?? expect.unreachable();
}

/** Everybody signed an image by its tag, and it is told to be deployed as one by its digest was, in the same seconds. */
export async function packOfImageByTag(): Promise<Files> {
  const [honest, house] = [new House(), new House()];
  const like = await verifiedIn(honest);
  await honest.deploy(like.id);
  const begun = factOf(honest, "deployment-started", like.id);
  const image = "registry.example/scorer:latest";
  const text = JSON.stringify({ image: { reference: image } });
  const own = await verifiedIn(house, { "environment.json": text });
  const deployment = JSON.stringify(honest.facts.slice(honest.facts.indexOf(begun)))
    .replaceAll(like.id, own.id)
    .replaceAll(like.environment, own.environment)
    .replaceAll(like.verdict, own.verdict)
    .replaceAll(String(begun.body["image"]), image);
  const blobs = new Map([...honest.blobs, ...house.blobs]).set(sha256Hex(utf8(text)), utf8(text));
  return await packOf({ house }, { facts: [...house.facts, ...JSON.parse(deployment)], blobs });
}
