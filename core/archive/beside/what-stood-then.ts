import type { Person } from "../../approval/people.ts";
import { addressIn } from "../../attestation/id-token.ts";
import { fromUtf8 } from "../../encoding/bytes.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { Member } from "../../promotion/identity.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import { promotionHistory } from "../history/promotion-history.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { peopleAsSigned } from "../people/people-then.ts";
import { peopleTold } from "../people/people-told.ts";
import { everKnown, readOrUndefined } from "../policies/verify-policies.ts";
import { type Displaced, displacedIn, type GivenThere, type KeptFrom } from "./what-stood.ts";

// Whoever kept sign-offs of an older candidate went by the people.yaml of the newer one's policies. Mostly these are those of
// the older one as well, by which its own records were read; where others came in force in between, they are read once more.

/** What became of the sign-offs of older candidates, linked by the policies by which each place was taken. */
export async function displacedThen(
  displaced: readonly Displaced[],
  kept: readonly KeptFrom[],
  recordsOf: (promotion: PromotionId) => Promise<readonly PromotionRecord[]>,
  read: ReadDocument,
): Promise<readonly Displaced[]> {
  const policies = new Map(kept.flatMap(({ from, policy }) => (policy === undefined ? [] : [[from, policy] as const])));
  const found: Displaced[] = [];
  for (const each of displaced) {
    const policy = policies.get(each.promotion);
    const by = policy === undefined ? undefined : await readOrUndefined(policy, read, everKnown);
    if (by !== undefined && by.people === undefined) {
      found.push(withoutPeople(each));
      continue;
    }
    const people = policy === each.policy ? undefined : by?.people;
    // Policies that cannot be read are said where they judged.
    const again =
      policy === undefined || people === undefined
        ? undefined
        : await linkedAnew(each.promotion, await recordsOf(each.promotion), { policy, people }, read);
    found.push(again ?? each);
  }
  return found;
}

/**
 * The same where people.yaml was left out as personal data: whoever decided after a rejection may be whoever gave it, so that
 * it is not held against anybody.
 */
function withoutPeople(displaced: Displaced): Displaced {
  const latest = displaced.decisions
    .map(({ recordedAt }) => recordedAt)
    .toSorted()
    .at(-1);
  const stands = ({ result, recordedAt }: Displaced["decisions"][number]) =>
    result !== "reject" || recordedAt === latest;
  return { ...displaced, decisions: displaced.decisions.filter(stands) };
}

/** @param records all of a promotion that was verified before */
async function linkedAnew(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  { policy, people }: { readonly policy: Sha256; readonly people: readonly Person[] },
  read: ReadDocument,
): Promise<Displaced | undefined> {
  try {
    const { steps } = await promotionHistory(promotion, records, read, () => {});
    const given: (GivenThere & { readonly member: Member })[] = [];
    for (const each of records) if (each.record.type === "sign-off") given.push(await givenIn(each, read));
    const index = records.at(-1)?.index ?? 0;
    const told = peopleTold({
      own: peopleAsSigned(given, new Map()),
      authors: [],
      named: [{ index: 0, people }],
      kept: new Map(),
    });
    return displacedIn(steps, given, { asDecided: () => told.asDecided({ index }) }, policy);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // What cannot be read of it was told of it, and nothing is held against that.
    return undefined;
  }
}

async function givenIn(
  { record }: PromotionRecord,
  read: ReadDocument,
): Promise<GivenThere & { readonly member: Member }> {
  const { signOff: id, result, reviewer, review, stage, groups } = bodyOf("sign-off", record);
  const token = await read(attachmentNamed(record, "id-token.jwt").sha256);
  const address = addressIn(token === undefined ? "" : fromUtf8(token));
  return {
    signOff: { id, result, recordedAt: record.at, reviewer, review, stage },
    envelope: attachmentNamed(record, "sign-off.dsse.json").sha256,
    member: { identity: reviewer, name: "", address, groups, enabled: true },
  };
}
