import { parseEnvelope, signEnvelope } from "../../../../core/attestation/dsse.ts";
import type { Verdict, VerdictPredicate } from "../../../../core/attestation/verdict.ts";
import { fromBase64 } from "../../../../core/encoding/base64.ts";
import { fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../../core/encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { House } from "../house.ts";
import { documentOf, type Retold } from "../retelling.ts";
import { attestationBase } from "../reviewers.ts";

// A service that lies well: what it tells otherwise it also makes fit. It has every key of its own, so it numbers the history anew
// and signs its verdicts anew, over the seats that its records have then, and says everywhere the digest of the new one. What it
// cannot make are the sign-ins of people.

interface Seat {
  readonly signOff: string;
  readonly stage: number;
}

/** What a lying service may have its verdict say, in the place of what follows from its records. */
export type Said = (statement: Verdict, fact: Fact) => object;

/** These records as a service tells them that makes all of its own fit them. */
export async function madeToFit(
  house: House,
  facts: readonly Fact[],
  say: Said = (it) => it,
  documents: House["blobs"] = house.blobs,
): Promise<Retold> {
  const blobs = new Map(documents);
  const renewed = new Map<string, string>();
  const told: Fact[] = [];
  for (const fact of numbered(facts)) {
    const said = withNewest(fact, renewed);
    if (!said.attachments.some(({ name }) => name === "verdict.dsse.json")) {
      told.push(said);
      continue;
    }
    const { sha256 = "" } = said.attachments.find(({ name }) => name === "verdict.dsse.json") ?? {};
    const bytes = await verdictOver(house, blobs, told, said, say);
    const digest = sha256Hex(bytes);
    blobs.set(digest, bytes);
    renewed.set(sha256, digest);
    told.push(withNewest(said, renewed));
  }
  return { facts: told, blobs };
}

/** The history of each promotion counted anew, in the order of the log. */
function numbered(facts: readonly Fact[]): readonly Fact[] {
  const next = new Map<PromotionId, number>();
  return facts.map((fact) => {
    const { promotion } = fact;
    if (promotion === undefined || !/\/\d+$/.test(fact.id) || fact.id.split("/").length !== 2) return fact;
    const number = next.get(promotion) ?? 0;
    next.set(promotion, number + 1);
    return { ...fact, id: `${promotion}/${number}` };
  });
}

/** Every digest of a verdict that was signed anew. */
function withNewest<Value>(value: Value, renewed: ReadonlyMap<string, string>): Value {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === "string" ? (renewed.get(each) ?? each) : each,
  );
}

async function verdictOver(
  house: House,
  blobs: ReadonlyMap<Sha256, Uint8Array>,
  before: readonly Fact[],
  fact: Fact,
  say: Said,
): Promise<Uint8Array> {
  const envelope = parseEnvelope(JSON.parse(fromUtf8(documentOf({ facts: [], blobs }, fact, "verdict.dsse.json"))));
  const statement = JSON.parse(fromUtf8(fromBase64(envelope.payload)));
  const history = before.filter(({ promotion }) => promotion === fact.promotion);
  const was: VerdictPredicate = statement.predicate;
  const ofLoan = fact.body["loan"] === true;
  const envelopes = new Map(
    history.flatMap((each) => {
      const id = each.body["signOff"] ?? each.body["signature"];
      const own = each.attachments.find(({ name }) => name === "sign-off.dsse.json" || name === "loan.dsse.json");
      return own === undefined ? [] : [[String(id), own.sha256] as const];
    }),
  );
  const named = (kind: string) => (id: string) => ({
    uri: `${attestationBase}/${kind}/${id}`,
    digest: { sha256: envelopes.get(id) ?? sha256Hex(new Uint8Array()) },
  });
  const seats = seatsOf(history).map(({ signOff }) => signOff);
  const lenders = ofLoan ? lendersOf(history) : [];
  const [, ...levels] = was.verifiedLevels;
  const conditional = was.countersignConditions === undefined ? "" : "_CONDITIONAL";
  const quorum = ofLoan ? "COUNTERSIGN_LOAN" : `COUNTERSIGN_${seats.length}_OF_${seats.length}`;
  const predicate = {
    ...was,
    timeVerified: fact.at,
    inputAttestations: [...lenders.map(named("loans")), ...seats.map(named("sign-offs"))],
    verifiedLevels: was.verificationResult === "PASSED" ? [`${quorum}${conditional}`, ...levels] : was.verifiedLevels,
  } as VerdictPredicate;
  const payload = canonicalJsonBytes(say({ ...statement, predicate }, fact));
  const { key, sign } = house.attestation;
  return canonicalJsonBytes({ ...(await signEnvelope(payload, key.keyid, sign)) });
}

/** The seats that stand by these records, in their order. */
function seatsOf(history: readonly Fact[]): readonly Seat[] {
  let seats: readonly Seat[] = [];
  for (const { type, body } of history) {
    if (type === "stage-decided") {
      const stage = Number(body["stage"]);
      const own = body["seats"] as readonly { readonly signOff: string }[];
      seats = [...seats.filter((each) => each.stage !== stage), ...own.map(({ signOff }) => ({ signOff, stage }))];
    }
    if (type === "seat-reopened") {
      const fallen = ((body["fallen"] ?? []) as readonly { readonly signOff: string }[]).map(({ signOff }) => signOff);
      const gone = new Set(seats.filter(({ signOff }) => fallen.includes(signOff)).map(({ stage }) => stage));
      seats = "from" in body ? [] : seats.filter(({ stage }) => !gone.has(stage));
    }
  }
  return seats;
}

function lendersOf(history: readonly Fact[]): readonly string[] {
  const loan = history.findLast(({ type }) => type === "loan");
  const lenders = (loan?.body["lenders"] ?? []) as readonly { readonly signature: string }[];
  return lenders.map(({ signature }) => signature);
}

/** A body with other words in it; `undefined` leaves one out. */
export function saying(fact: Fact, words: Readonly<Record<string, Json | undefined>>): Fact {
  return { ...fact, body: JSON.parse(JSON.stringify({ ...fact.body, ...words })) };
}
