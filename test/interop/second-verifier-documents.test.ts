import { spawnSync } from "node:child_process";
import { expect } from "vitest";
import { readPeopleSnapshot } from "../../core/archive/documents/read-people-snapshot.ts";
import { readRequirements } from "../../core/archive/documents/read-requirements.ts";
import { readDelegationPredicate } from "../../core/attestation/read-delegation-request.ts";
import { readLoanRequest } from "../../core/attestation/read-loan-request.ts";
import { readPasskeyPredicate } from "../../core/attestation/read-passkey-request.ts";
import { readSignOffRequest } from "../../core/attestation/read-sign-off-request.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { documentOf } from "../core/archive/retelling.ts";
import { told } from "../core/archive/told.ts";
import { type Place, placesIn, withValue } from "./places.ts";
import { withTool } from "./programs.ts";
import { python, secondVerifier } from "./second-verifier.ts";

// What people sign, by what they are judged, and who they were: what one verifier reads and the other does not is for whoever
// writes the log to choose. Each member of each is told in many other ways, and both look at all of them.

const digest = "a".repeat(64);
const deepest = 12;
/** Of documents and of what people sign; the first is left out. */
const values: readonly (Json | undefined)[] = [
  ...[undefined, null, true, false, [], {}, [[]], [null], { a: 1 }, ["x", "x"], "", "x", "X"],
  ...[0, 1, -1, 0.5, 50, 51, 2 ** 53, "x".repeat(2000), "x".repeat(2001), "a".repeat(32), "a".repeat(64)],
  ...[
    "confirm",
    "previous",
    "take-back",
    "metric",
    "riskTier",
    "month",
    "allowed",
    { issuer: "i", subject: "s", name: "n" },
  ],
];
/** Of what people sign alone, which has limits of its own. */
const ofSigned: readonly (Json | undefined)[] = [
  ...values,
  ...[80, 200, 253, 255, 300, 500, 1000, 4000].flatMap((most) => ["x".repeat(most), "x".repeat(most + 1)]),
  ...[" ", "\ufeff\u2003", "\u0085", "-", "a-b", "a_b", "a".repeat(63), "A".repeat(22), "A".repeat(43), "A+A="],
  ...[`${"A".repeat(21)}B`, "withdraw", "revoke", 59, 60, 100, 101, 181 * 86_400, 1e300],
  ...["2026-11-22T17:03:00.000Z", "2026-11-22T17:03:00Z", "2026-02-30T00:00:00.000Z", "1969-12-31T23:59:59.999Z"],
  ...["https://a", "https://a:1/?b#c", "https://a/ä", "https://a/ b", "http://a", "https://a\n"],
  ...[`https://${"a".repeat(492)}`, `https://${"a".repeat(493)}`, { sha256: digest }],
  Array.from({ length: 21 }, (_, n) => `r-${n}`),
];
const idToken = "-";
/** How our rules read each kind. */
const readers = {
  "sign-off": (predicate: unknown) => readSignOffRequest({ statement: { predicate }, idToken }),
  loan: (predicate: unknown) => readLoanRequest({ statement: { predicate }, idToken }),
  passkey: readPasskeyPredicate,
  delegation: readDelegationPredicate,
  requirements: (value: unknown) => readRequirements(canonicalJsonBytes(value)),
  people: (value: unknown) => readPeopleSnapshot(canonicalJsonBytes(value)),
};
type Kind = keyof typeof readers;

function isTaken(kind: Kind, value: unknown): boolean {
  try {
    readers[kind](value);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

const inTheKeptPack = (fact: Fact, name: string): Json => JSON.parse(fromUtf8(documentOf(told.house, fact, name)));
const envelopes = {
  "sign-off": "sign-off",
  "loan-requested": "loan",
  "passkey-enrolled": "passkey",
  "passkey-confirmed": "passkey",
  delegated: "delegation",
  "delegation-revoked": "delegation",
} as const satisfies Readonly<Record<string, Kind>>;

/** What the kept pack has of each kind. */
function recorded(): readonly { readonly kind: Kind; readonly value: Json }[] {
  const found = new Map<string, { readonly kind: Kind; readonly value: Json }>();
  const note = (kind: Kind, value: Json) => {
    // The second lender's names the first one's as well.
    const name = `${kind} ${"confirms" in Object(value)}`;
    if (!found.has(name)) found.set(name, { kind, value });
  };
  for (const fact of told.house.facts) {
    const kind = envelopes[fact.type as keyof typeof envelopes];
    if (kind !== undefined) {
      const { payload } = Object(inTheKeptPack(fact, `${kind}.dsse.json`));
      note(kind, Object(JSON.parse(Buffer.from(payload, "base64").toString())).predicate);
    }
    if (fact.type === "gates") note("requirements", inTheKeptPack(fact, "requirements.json"));
    if (fact.type === "verdict" && fact.body["result"] === "PASSED") note("people", inTheKeptPack(fact, "people.json"));
  }
  return [...found.values()];
}

const person = { issuer: "https://id.example", subject: "x" };
const key = { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) };
const when = [
  { fact: "riskTier", oneOf: ["high"] },
  { fact: "metric", name: "auc", atLeast: 0.5, below: 1 },
];
const few = { fact: "infrastructureChanges", below: 3 };
const stage = {
  ...{
    name: "compliance",
    when,
    because: "it asks so",
    minimumReviewSeconds: 0,
    deadlineSeconds: 60,
    rejectionsToStop: 1,
  },
  requires: {
    all: [
      { role: "sre", count: 1, when, because: "x" },
      {
        any: [
          { role: "dpo", count: 50 },
          { role: "sre", count: 2 },
        ],
      },
    ],
  },
};
/** A stage that asks for so many in each of so many ways. */
const stageOf = (ways: number, count: number) => ({
  ...stage,
  requires: { any: Array.from({ length: ways }, (_, n) => ({ role: `r-${n}`, count })) },
});

/** What the kept pack has no example of. */
function more(): readonly { readonly kind: Kind; readonly value: Json }[] {
  const all = recorded();
  const like = (kind: Kind) => Object(all.find((each) => each.kind === kind)?.value);
  const [signOff, passkey, delegation, people] = (["sign-off", "passkey", "delegation", "people"] as const).map(like);
  const role = {
    ...{ title: "x", groups: ["g"], issuers: ["i"], rejectionsToStop: 1, judges: ["model"], secondFactor: "passkey" },
    signIn: { acr: ["a"], amr: ["b"] },
  };
  const small = { role: "sre", count: 1 };
  const little = {
    ...{ modelType: "scoring", target: "production", expiresAfterSeconds: 60, excludes: ["requester"] },
    stages: [{ name: "only", requires: small, minimumReviewSeconds: 0, rejectionsToStop: 1 }],
  };
  /** As small as can be, but for what is looked at. */
  const requirements = { requirementsVersion: 1, rule: little, roles: {}, gates: { wasm: digest, thresholds: {} } };
  const ruled = (more: object) => ({
    kind: "requirements" as const,
    value: { ...requirements, rule: { ...little, ...more } } as Json,
  });
  const shadow = {
    ...{ durationSeconds: 60, requests: 5, withinSeconds: 60, agreement: 0.9, errorPercent: 1, p95Milliseconds: 5 },
    ...{ psi: 0.1, answers: { list: "l", score: "s", decision: "d", threshold: 0.5 }, required: true },
  };
  const facts = {
    ...{ riskTier: "high", dataClass: "personal", release: "first" },
    evidence: { metrics: { auc: [0.5, 1] }, infrastructureChanges: 2 },
  };
  const conditions = { forSeconds: 60, trafficPercent: 10, errorPercent: 1.5, p95Milliseconds: 300 };
  return [
    ...all,
    {
      kind: "sign-off",
      value: { ...signOff, result: "approve", conditions, onBehalfOf: { person, delegation: { sha256: digest } } },
    },
    { kind: "sign-off", value: { ...signOff, result: "reject", conditions } },
    { kind: "sign-off", value: { ...signOff, roles: ["sre", "sre"] } },
    ...[key, { kty: "OKP", crv: "Ed25519", x: key.x }, { kty: "RSA", n: "A".repeat(342), e: "AQAB" }].map(
      (publicKey) => ({
        kind: "passkey" as const,
        value: { ...passkey, passkey: { ...passkey.passkey, publicKey } },
      }),
    ),
    {
      kind: "delegation",
      value: {
        ...delegation,
        delegation: { ...delegation.delegation, scope: { model: "m", modelType: "t", target: "p" } },
      },
    },
    { kind: "requirements", value: { ...requirements, roles: { dpo: role } } },
    { kind: "requirements", value: { ...requirements, decided: { rule: little, facts, passedOver: [when, [few]] } } },
    ruled({ shadow }),
    ruled({ when, unlinkableAuthors: "allowed", carryOverSeconds: 60, onDrift: "keep", ifNotReapproved: "stop" }),
    ruled({ onIntruder: "report", escalation: { afterSeconds: 60, to: "dpo" }, conditions: "forbidden" }),
    ruled({ loan: { roles: ["dpo"], maximumSeconds: 60, budget: { loans: 2, per: "month" } } }),
    ruled({ conditions: { allowed: ["trafficPercent"], maximumSeconds: 60 } }),
    ruled({ stages: [stage] }),
    ...[stageOf(64, 50), stageOf(65, 1), stageOf(2, 51)].map((each) => ruled({ stages: [each] })),
    ...[50, 51].map((count) => ruled({ stages: Array.from({ length: count }, () => little.stages[0]) })),
    {
      kind: "people",
      value: {
        ...people,
        people: [
          { addresses: ["a@b"], accounts: [{ provider: "github", id: "7" }], identities: [person], outside: true },
        ],
      },
    },
  ];
}

interface Told {
  readonly kind: Kind;
  /** Which document, at which place, and which of the values is there instead. */
  readonly of: readonly [number, Place, number] | readonly [number];
  readonly taken: boolean;
}

function toldOtherwise(all: ReturnType<typeof more>): readonly Told[] {
  const seen = new Set<string>();
  /** Each member of each kind of object once. */
  const isNew = (kind: Kind, value: Json, at: Place) => {
    // What a predicate has from its promotion is looked at elsewhere.
    if (at[0] === undefined || at[0] === "target") return false;
    const beside = Object.keys(at.slice(0, -1).reduce<Json>((inside, name) => Object(inside)[name], value) ?? {});
    const name = `${kind} ${at.map((each) => (typeof each === "number" ? "#" : each)).join(".")} ${beside.join()}`;
    return seen.size < seen.add(name).size;
  };
  return all.flatMap(({ kind, value }, n): readonly Told[] => {
    // Those of the kept pack are large, and have no member that the small ones have not.
    const isLarge = kind === "requirements" && Object.keys(Object(value).gates.thresholds).length > 0;
    const otherwise = (isLarge ? [] : placesIn(value, deepest))
      .filter((at) => isNew(kind, value, at))
      .flatMap((at) =>
        (kind === "requirements" || kind === "people" ? values : ofSigned).map((instead, which) => {
          const taken = isTaken(kind, withValue(value, at, instead));
          return { kind, of: [n, at, which] as const, taken };
        }),
      );
    return [{ kind, of: [n], taken: isTaken(kind, value) }, ...otherwise];
  });
}

const check = `
import json, sys
sys.path.insert(0, ${JSON.stringify(secondVerifier)})
from documents import PEOPLE, REQUIREMENTS, check_predicate
from encoding import Wrong, require
from forms import misfit
documents, values, told = map(json.loads, sys.stdin)
forms = {"requirements": REQUIREMENTS, "people": PEOPLE}
def other(value, place, instead):
    if not place:
        return instead
    copy = list(value) if isinstance(value, list) else dict(value)
    name, *rest = place
    if rest or instead != "left out":
        copy[name] = other(copy.get(name) if isinstance(copy, dict) else copy[name], rest, instead)
    elif name in copy or isinstance(copy, list):
        del copy[name]
    return copy
for which, *otherwise in told:
    kind, value = documents[which]
    if otherwise:
        value = other(value, otherwise[0], values[otherwise[1]])
    try:
        if kind in forms:
            require(misfit(value, forms[kind]) is None, "not in its form")
        else:
            check_predicate(kind, value)
        print(1)
    except Wrong:
        print(0)
`;

/** Whether the second verifier takes each of them. */
function takenBySecond(documents: ReturnType<typeof more>, all: readonly Told[]): readonly boolean[] {
  const lines = [
    documents.map(({ kind, value }) => [kind, value]),
    ofSigned.map((value) => value ?? (value === null ? null : "left out")),
    all.map(({ of }) => of),
  ];
  const input = lines.map((line) => JSON.stringify(line)).join("\n");
  const { stdout, stderr } = spawnSync("python3", ["-c", check], { input, encoding: "utf8", maxBuffer: 2 ** 28 });
  expect(stderr).toBe("");
  const answers = stdout.trimEnd().split("\n");
  expect(answers).toHaveLength(all.length);
  return answers.map((answer) => answer === "1");
}

const documents = more();
const all = toldOtherwise(documents);

withTool(
  python,
  "both verifiers take the same for the form of what people sign, of what they are judged by, and of who they were",
  () => {
    const theirs = takenBySecond(documents, all);
    expect(all.filter(({ taken }, at) => theirs[at] !== taken).slice(0, 5)).toEqual([]);
  },
  () => {
    // Each kind is there as it is taken, and as it is not.
    for (const kind of Object.keys(readers))
      expect(new Set(all.filter((each) => each.kind === kind).map(({ taken }) => taken)).size).toBe(2);
  },
);
