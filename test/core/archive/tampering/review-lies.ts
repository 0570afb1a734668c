import type { Json } from "../../../../core/encoding/canonical-json.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import { changed, type Retold, saying } from "../retelling.ts";
import type { Told } from "../told.ts";
import type { Lie } from "./lies.ts";

/** Of the review that began anew what judges the infrastructure fell, and compliance was kept: told otherwise. */
export const reviewLies: readonly Lie[] = [
  {
    what: "a sign-off kept although what it judges is asked for otherwise",
    tell: (told) => {
      const { fact, kept, fallen } = toldKept(told);
      const own = fallen[0] as { readonly signOff: string };
      const also = { signOff: own.signOff, stage: 1, roles: ["sre"], review: 2 };
      return saying(told.house, fact, { kept: [...kept, also], fallen: [] });
    },
    code: "quorum-differs",
    sentence:
      /^A sign-off was kept although it falls: Sam signed as 'Site reliability engineer', which judges what the gates ask something else of now: 'infrastructure'\.$/,
  },
  {
    what: "a sign-off kept in a role that nobody signed in",
    tell: (told) => {
      const { fact, kept } = toldKept(told);
      return saying(told.house, fact, { kept: kept.map((each) => ({ ...each, roles: ["sre"] })) });
    },
    code: "quorum-differs",
    sentence: /is kept in another stage, review or role than it stands for\.$/,
  },
  {
    what: "a sign-off kept that nobody gave",
    tell: (told) => {
      const { fact, kept } = toldKept(told);
      return saying(told.house, fact, { kept: kept.map((each) => ({ ...each, signOff: "0".repeat(64) })) });
    },
    code: "quorum-differs",
    sentence: /^The sign-off 0+ is kept, and did not stand in the review before\.$/,
  },
  {
    what: "a sign-off that fell, kept quiet about",
    tell: (told) => saying(told.house, toldKept(told).fact, { fallen: [] }),
    code: "quorum-differs",
    sentence: /^It does not say what becomes of the sign-off [0-9a-f]{64}\.$/,
  },
  {
    what: "one sign-off said to be kept and to fall",
    tell: (told) => {
      const { fact, kept, fallen } = toldKept(told);
      const both = kept.map(({ signOff }) => ({ signOff: signOff ?? "", why: "signed long ago" }));
      return saying(told.house, fact, { fallen: [...fallen, ...both] });
    },
    code: "quorum-differs",
    sentence: /^Of one sign-off it says twice what becomes of it\.$/,
  },
  {
    what: "another review, and not a word of what was signed in the one before",
    tell: ({ house, ...told }) => ({
      facts: changed(house, toldKept({ house, ...told }).fact, (fact) => ({ ...fact, type: "held", body: {} })),
    }),
    code: "quorum-differs",
    sentence: /^Another review began, and nothing says what becomes of the sign-off [0-9a-f]{64}\.$/,
  },
  {
    what: "what is kept, told of another review",
    tell: (told) => saying(told.house, toldKept(told).fact, { review: 3 }),
    code: "life-cycle",
    sentence: /no gates passed again before it/,
  },
  {
    what: "a sign-off that counts again, and nothing says that it is kept",
    tell: (told): Retold => {
      const { fact } = toldKept(told);
      const without: Fact["body"] = { ...fact.body, kept: [] };
      return { facts: changed(told.house, fact, (each) => ({ ...each, body: without })) };
    },
    code: "quorum-differs",
    sentence: /nobody fills the seat of compliance-officer/,
  },
];

interface Kept {
  readonly fact: Fact;
  readonly kept: readonly { readonly [key: string]: Json }[];
  readonly fallen: readonly { readonly [key: string]: Json }[];
}

function toldKept({ house, reopened }: Told): Kept {
  const fact = house.facts.find(({ promotion, body }) => promotion === reopened && "kept" in body && "review" in body);
  if (fact === undefined) throw new Error("Nothing was kept.");
  const { kept, fallen } = fact.body as unknown as Kept;
  return { fact, kept, fallen };
}
