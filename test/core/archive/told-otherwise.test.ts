import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { recheckLanes } from "../../../core/archive/beside/verify-lanes.ts";
import type { PackFinding } from "../../../core/archive/pack/pack-findings.ts";
import type { ReadDocument } from "../../../core/archive/pack/promotion-file.ts";
import type { JudgedGates } from "../../../core/archive/promotion/verify-gates.ts";
import { recheckBudgets, recheckEnds } from "../../../core/archive/promotion/verify-loans.ts";
import type { PromotionResult } from "../../../core/archive/verify-promotion.ts";
import { heldAgainst } from "../../../core/archive/verify-under-policies.ts";
import { hex } from "../../../core/encoding/bytes.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, isInstant } from "../../../core/encoding/instant.ts";
import { type Fact, factTypes } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type Member, membersOf, withMember } from "./tampering/members.ts";
import { untoldMembers } from "./tampering/untold-members.ts";
import { findingsIn, recordsOf, resultOf, told, trustIn } from "./told.ts";

// Whoever runs the service may tell any single thing otherwise: each member of each kind of record is changed, one at a time.
// It is noticed, or stands in tampering/untold-members.ts with the reason why nobody could notice. That the kept pack has each
// member that is recorded is held in tampering/tampered-records.test.ts.

/** A member of a record: the first that there is of its name. */
interface Place {
  readonly fact: Fact;
  readonly member: Member;
}

const { facts } = told.house;
const promotions = [...new Set(facts.flatMap(({ promotion }) => promotion ?? []))];
const judged: JudgedGates = new Map();
const { trust: asRecorded } = await trustIn({});
// The same signatures are looked at for every member; only what was changed takes another look.
const trust = {
  ...asRecorded,
  verifySignature: remembered(verifyEcdsa, (pem, message, signature) => [pem, hex(message), hex(signature)]),
  verifyJws: remembered(verifyJws, (...[algorithm, jwk, input, signature]) => [
    algorithm,
    jwk,
    hex(input),
    hex(signature),
  ]),
};

const honest = new Map<PromotionId, PromotionResult>();
for (const promotion of promotions) honest.set(promotion, await resultOf(promotion, {}, { trust, judged }));

describe.each(factTypes)("what a record of type %s tells otherwise", (type) => {
  const untold = untoldMembers[type] ?? {};
  const places = new Map<string, Place>();
  for (const fact of facts.filter((each) => each.type === type))
    for (const member of membersOf(fact)) if (!places.has(member.name)) places.set(member.name, { fact, member });

  it("is noticed, but for what only the service knows", async () => {
    const unnoticed: string[] = [];
    for (const [name, place] of places)
      if (!Object.hasOwn(untold, name) && (await findings([place])).length === 0) unnoticed.push(name);
    expect(unnoticed).toEqual([]);
    // All of them at once: one that is noticed after all has no reason to be listed.
    const listed = Object.keys(untold).map((name) => places.get(name) ?? expect.unreachable(`There is no ${name}.`));
    expect(listed.length === 0 ? [] : await findings(listed)).toEqual([]);
  });
});

/** What is found where these members are told otherwise, all at once. */
async function findings(otherwiseIn: readonly Place[]): Promise<readonly unknown[]> {
  const retold = facts.map((fact) =>
    otherwiseIn
      .filter((place) => place.fact === fact)
      .reduce((told, { member }) => withMember(told, member, otherwise(member.value)), fact),
  );
  const own = new Set(otherwiseIn.map(({ fact }) => fact.promotion));
  if (own.has(undefined)) return await findingsIn({ facts: retold });
  const results = new Map(honest);
  for (const promotion of own)
    if (promotion !== undefined)
      results.set(promotion, await resultOf(promotion, { facts: retold }, { trust, judged }));
  const all = [...results.values()];
  const found: readonly PackFinding[] = [
    ...all.flatMap((result) => result.findings),
    ...recheckLanes(
      all.flatMap(({ besides }) => besides.place ?? []),
      () => true,
    ).findings,
    ...recheckBudgets(all.flatMap(({ besides }) => besides.budgeted ?? [])),
    ...recheckEnds(
      all.flatMap(({ besides }) => besides.running ?? []),
      facts.at(-1)?.at,
    ),
  ];
  if (found.length > 0) return found;
  const activated = recordsOf(retold).filter(({ record }) => record.type === "policy-activated");
  const read: ReadDocument = async (sha256) => told.house.blobs.get(sha256);
  return (await heldAgainst(activated, all, read, facts.at(-1)?.at)).problems;
}

/** Another value of the same kind. */
function otherwise(value: Json): Json {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (value === null) return "something";
  if (typeof value !== "string") return Array.isArray(value) ? ["something"] : { something: "else" };
  if (isInstant(value)) return addSeconds(value, 3600);
  if (/^[0-9a-f]{64}$/.test(value)) return `${value.slice(1)}${value.startsWith("0") ? "1" : "0"}`;
  return `${value}x`;
}

function remembered<Input extends readonly unknown[]>(
  check: (...input: Input) => boolean,
  keyOf: (...input: Input) => unknown,
): (...input: Input) => boolean {
  const answers = new Map<string, boolean>();
  return (...input) => {
    const key = JSON.stringify(keyOf(...input));
    const known = answers.get(key) ?? check(...input);
    answers.set(key, known);
    return known;
  };
}
