import type { ApprovedOrder, Order } from "../../../core/deployment/order.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { repository, scorer } from "../../local/sagemaker/setup.ts";

/** The promotion that is called so. */
export const idOf = (name: string): PromotionId => promotionId(sha256Hex(utf8(name)), 1);
/** What served before, and the candidate that takes its place. */
export const before = idOf("before");
export const id = idOf("candidate");
export const verdict = sha256Hex(utf8("verdict"));

/** What a promotion asks for in a target: the champion of the stand-in's bucket where it is what served before, else the candidate. */
export function orderOf(
  promotion: PromotionId,
  target: Order["target"],
  image: { readonly digest: string } = scorer,
  file = "model.json",
): Order {
  const uri = `s3://models/${promotion === before ? "champion" : "candidate"}/${file}`;
  return {
    promotion,
    target,
    image: `${repository}@${image.digest}`,
    model: { uri, versionId: "v1", sha256: sha256Hex(utf8(uri)) },
  };
}

export const approved = (given: Order, over: Partial<ApprovedOrder> = {}): ApprovedOrder =>
  ({ ...given, verdict, ...over }) as ApprovedOrder;
