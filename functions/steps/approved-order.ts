import { parseEnvelope, type VerifyingKey, type VerifySignature } from "../../core/attestation/dsse.ts";
import { type ApprovedOrder, approve, type Order, verdictOver } from "../../core/deployment/order.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { FrozenCopy, Promotion } from "../../core/promotion/promotion.ts";
import { orderOf } from "./order.ts";

export interface ApprovedOrderPorts {
  readonly now: () => Instant;
  readonly attestationBase: string;
  readonly artifactsBucket: string;
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  readonly artifacts: {
    currentVersion(key: string): Promise<string | undefined>;
    read(copy: FrozenCopy, largest: number): Promise<Uint8Array>;
  };
  /** The keys whose signatures of an instant count. */
  readonly verifyingKeys: (at: Instant) => Promise<readonly VerifyingKey[]>;
  readonly verifySignature: VerifySignature;
}

/**
 * What a promotion's verdict allows to be started: trusts nothing that woke whoever asks, but holds the verdict against
 * the order, and the bytes that the target would read against those that were frozen (design 3.2).
 *
 * @param when `before`: it serves for the first time; `again`: it was deployed under its verdict, however long ago
 */
export async function approvedOrder(
  promotion: Promotion,
  ports: ApprovedOrderPorts,
  when: "before" | "again" = "before",
): Promise<ApprovedOrder> {
  const order = await orderOf(promotion, ports.artifactsBucket, ports.artifacts.read);
  const approved = await heldAgainstVerdict(promotion, order, ports, when);
  await requireUntouched(promotion, ports);
  return approved;
}

/** The same, of an order that is known: whether the verdict allows it. */
export async function heldAgainstVerdict(
  promotion: Promotion,
  order: Order,
  ports: Pick<ApprovedOrderPorts, "now" | "attestationBase" | "blobs" | "verifyingKeys" | "verifySignature">,
  when: "before" | "again",
): Promise<ApprovedOrder> {
  const verdict = verdictOver(promotion);
  if (verdict === undefined) throw new Failure("verdict-invalid", "The promotion has no verdict.");
  const bytes = await ports.blobs.get(verdict.sha256);
  return approve(order, promotion, {
    verdict: parseEnvelope(JSON.parse(fromUtf8(bytes))),
    attestationBase: ports.attestationBase,
    standing: when === "again",
    now: ports.now(),
    keys: await ports.verifyingKeys(verdict.at),
    verify: ports.verifySignature,
  });
}

/** The target reads the newest version of a key: it must still be the one whose bytes were verified. */
async function requireUntouched({ frozen = [] }: Promotion, { artifacts }: ApprovedOrderPorts): Promise<void> {
  for (const copy of frozen) {
    if ((await artifacts.currentVersion(copy.key)) !== copy.versionId) {
      throw new Failure(
        "deployment-refused",
        `The frozen artifact '${copy.name}' was replaced or removed after it was verified.`,
      );
    }
  }
}
