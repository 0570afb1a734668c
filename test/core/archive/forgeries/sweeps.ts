import { isDeepStrictEqual } from "node:util";
import { parseEnvelope, signEnvelope } from "../../../../core/attestation/dsse.ts";
import { fromBase64 } from "../../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import type { Attachment, Fact } from "../../../../core/promotion/fact.ts";
import type { Retold } from "../retelling.ts";
import { madeToFit } from "./made-to-fit.ts";
import type { SweepStory } from "./sweep-stories.ts";

// Each record of an honest history told otherwise, one at a time, by a service that makes all of its own fit.

/** What a service tells in the place of what was recorded. */
export interface Swept {
  /** `<what is done>: <type> <its place among those of its type>`. */
  readonly name: string;
  readonly tell: () => Promise<Retold>;
}

type Documents = Map<Sha256, Uint8Array>;
type Change = (facts: readonly Fact[], at: number, documents: Documents, story: SweepStory) => Promise<Told> | Told;
type Told = ReadonlyMap<string, readonly Fact[]>;

const one = (facts: readonly Fact[] | undefined): Told => new Map(facts === undefined ? [] : [["", facts]]);

/** A record as of another time, and so what the service says beside it. */
function asOf(fact: Fact, at: Instant, documents: Documents): Fact {
  const attachments = fact.attachments.map((each) => {
    const bytes = documents.get(each.sha256);
    if (bytes === undefined || !each.name.endsWith(".json") || each.name.endsWith(".dsse.json")) return each;
    const text = fromUtf8(bytes);
    if (!text.includes(fact.at)) return each;
    const next = utf8(text.replaceAll(fact.at, at));
    const sha256 = sha256Hex(next);
    documents.set(sha256, next);
    return { ...each, sha256 };
  });
  const body = JSON.parse(JSON.stringify(fact.body).replaceAll(fact.at, at));
  return { ...fact, at, body, attachments };
}

/** The next one of its type that says something else, or the one before it. */
function another(facts: readonly Fact[], at: number): Fact | undefined {
  const own = facts[at];
  const alike = facts.filter(({ type }) => type === own?.type);
  const place = own === undefined ? -1 : alike.indexOf(own);
  return alike[place + 1] ?? alike[place - 1];
}

const changes: Readonly<Record<string, Change>> = {
  "is left out": (facts, at) => one(facts.toSpliced(at, 1)),
  "takes the place of the next": (facts, at, documents) => {
    const [own, next] = facts.slice(at, at + 2);
    if (own === undefined || next === undefined) return one(undefined);
    return one(facts.toSpliced(at, 2, asOf(next, own.at, documents), asOf(own, next.at, documents)));
  },
  "is told as of the next one's time, and that as of its": (facts, at, documents) => {
    const [own, next] = facts.slice(at, at + 2);
    if (own === undefined || next === undefined) return one(undefined);
    return one(facts.toSpliced(at, 2, asOf(own, next.at, documents), asOf(next, own.at, documents)));
  },
  "comes last": (facts, at, documents) => {
    const [own, last] = [facts[at], facts.at(-1)];
    if (own === undefined || last === undefined || own === last) return one(undefined);
    return one([...facts.toSpliced(at, 1), asOf(own, addSeconds(last.at, 60), documents)]);
  },
  "is told twice": (facts, at, documents) => {
    const own = facts[at];
    return one(own && facts.toSpliced(at + 1, 0, asOf(own, addSeconds(own.at, 1), documents)));
  },
  "has the body of another": (facts, at) => {
    const [own, other] = [facts[at], another(facts, at)];
    return one(own && other && facts.toSpliced(at, 1, { ...own, body: other.body }));
  },
  "has the body and the documents of another": (facts, at) => {
    const [own, other] = [facts[at], another(facts, at)];
    const { body, attachments } = other ?? {};
    return one(own && body && attachments && facts.toSpliced(at, 1, { ...own, body, attachments }));
  },
  "has the time of another, and that its": (facts, at, documents) => {
    const [own, other] = [facts[at], another(facts, at)];
    if (own === undefined || other === undefined) return one(undefined);
    return one(
      facts.map((fact) =>
        fact === own ? asOf(own, other.at, documents) : fact === other ? asOf(other, own.at, documents) : fact,
      ),
    );
  },
  "exchanges its documents with another": (facts, at) => {
    const [own, other] = [facts[at], another(facts, at)];
    if (own === undefined || other === undefined) return one(undefined);
    const exchanged = (fact: Fact, attachments: readonly Attachment[]) => ({ ...fact, attachments });
    return one(
      facts.map((fact) =>
        fact === own ? exchanged(own, other.attachments) : fact === other ? exchanged(other, own.attachments) : fact,
      ),
    );
  },
  "has of another its": (facts, at) => {
    const [own, other] = [facts[at], another(facts, at)];
    const told = new Map<string, readonly Fact[]>();
    for (const [place, document] of own?.attachments.entries() ?? []) {
      const theirs = other?.attachments.find(({ name }) => name === document.name);
      // A verdict is signed anew over whatever there is: test/interop/verdicts-and-vouchers.test.ts.
      if (
        document.name !== "verdict.dsse.json" &&
        own !== undefined &&
        theirs !== undefined &&
        !told.has(` ${document.name}`)
      )
        told.set(
          ` ${document.name}`,
          facts.toSpliced(at, 1, { ...own, attachments: own.attachments.toSpliced(place, 1, theirs) }),
        );
    }
    return told;
  },
  "is signed by another key of the service's": async (facts, at, documents, { keys }) => {
    const [own, told] = [facts[at], new Map<string, readonly Fact[]>()];
    const document = own?.attachments.find(({ name }) => name.endsWith(".dsse.json"));
    const bytes = document && documents.get(document.sha256);
    if (own === undefined || document === undefined || bytes === undefined) return told;
    const { payload, signatures } = parseEnvelope(JSON.parse(fromUtf8(bytes)));
    for (const [generation, { key, sign }] of keys.entries())
      if (signatures[0]?.keyid !== key.keyid) {
        const next = canonicalJsonBytes({ ...(await signEnvelope(fromBase64(payload), key.keyid, sign)) });
        documents.set(sha256Hex(next), next);
        const renewed = JSON.stringify(facts).replaceAll(document.sha256, sha256Hex(next));
        told.set(`, ${generation + 1}`, JSON.parse(renewed));
      }
    return told;
  },
};

/** The change that signs a verdict anew itself: nobody else may. */
const bySomeKey = "is signed by another key of the service's";

/** All of them, in an order that is always the same. */
export async function sweepsOf(story: SweepStory): Promise<readonly Swept[]> {
  const { facts } = story.house;
  const all: Swept[] = [];
  for (const [done, change] of Object.entries(changes))
    for (const [at, own] of facts.entries()) {
      const documents = new Map(story.house.blobs);
      const place = facts.slice(0, at).filter(({ type }) => type === own.type).length + 1;
      for (const [which, told] of await change(facts, at, documents, story))
        if (!isDeepStrictEqual(told, facts))
          all.push({
            name: `${done}${which}: ${own.type} ${place}`,
            tell: async () =>
              done === bySomeKey
                ? { facts: told, blobs: documents }
                : await madeToFit(story.house, told, undefined, documents),
          });
    }
  return all;
}
