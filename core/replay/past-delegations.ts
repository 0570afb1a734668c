import type { Delegation } from "../approval/delegation.ts";
import { bodyOf } from "../archive/documents/fact-bodies.ts";
import { readJson } from "../archive/documents/json-document.ts";
import type { PromotionRecord, ReadDocument } from "../archive/pack/promotion-file.ts";
import { parseEnvelope } from "../attestation/dsse.ts";
import { readDelegationPredicate } from "../attestation/read-delegation-request.ts";
import { delegationDeedOf, delegationEnvelopeName } from "../attestation/recorded-delegation.ts";
import { fromBase64 } from "../encoding/base64.ts";
import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";

/** The delegations of an audit pack, as they were recorded. Nothing is verified; what cannot be read is left out. */
export async function pastDelegations(
  records: readonly PromotionRecord[],
  read: ReadDocument,
): Promise<readonly Delegation[]> {
  const given = new Map<Sha256, Delegation>();
  const revoked = new Map<Sha256, Instant>();
  for (const { record } of records) {
    const deed = delegationDeedOf(record.type);
    const document = record.attachments.find(({ name }) => name === delegationEnvelopeName);
    if (deed === undefined || document === undefined) continue;
    const { delegation: id, person, groups, passkey } = bodyOf("delegation", record);
    if (deed === "revoke") {
      revoked.set(id, record.at);
      continue;
    }
    const bytes = await read(document.sha256);
    const terms = bytes === undefined ? undefined : termsIn(bytes);
    if (terms === undefined) continue;
    const { reason: _, salt: __, ...rest } = terms;
    given.set(id, {
      ...rest,
      id,
      delegatorName: person.subject,
      delegatorGroups: groups,
      ...(passkey === undefined ? {} : { passkey }),
      recordedAt: record.at,
    });
  }
  return [...given.values()].map((delegation) => {
    const revokedAt = revoked.get(delegation.id);
    return revokedAt === undefined ? delegation : { ...delegation, revokedAt };
  });
}

function termsIn(bytes: Uint8Array) {
  try {
    const { payload } = parseEnvelope(readJson(delegationEnvelopeName, bytes));
    const statement = readJson("the statement", fromBase64(payload)) as { readonly predicate?: unknown } | null;
    return readDelegationPredicate(statement?.predicate).delegation;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
