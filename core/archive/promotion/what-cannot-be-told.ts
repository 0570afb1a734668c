import type { Sha256 } from "../../encoding/sha256.ts";
import type { Author } from "../../promotion/identity.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";
import { conditionsFallen } from "./verify-fallen.ts";

/** Ends that nobody signs, and no other promotion tells. */
const byServiceAlone: ReadonlySet<Promotion["status"]> = new Set(["withdrawn", "blocked", "failed"]);

/** What verification of one promotion cannot tell from its records, and why. */
export function whatCannotBeTold(
  {
    promotion,
    leftOut,
    records,
  }: {
    readonly promotion: PromotionId;
    readonly leftOut: ReadonlySet<Sha256>;
    readonly records: readonly PromotionRecord[];
  },
  end: Promotion,
  steps: readonly Step[],
  /** Whether what the directory told lies with a verdict, and people.yaml in the policies that judged. */
  { kept, policies }: { readonly kept: boolean; readonly policies: boolean },
): readonly Unchecked[] {
  const unchecked: Unchecked[] = [];
  const untold = (sentence: string) => void unchecked.push({ promotion, sentence });
  const excludes = steps.at(-1)?.requirements?.rule.excludes ?? [];
  const { trainedBy, codeAuthors, dataOwners, infrastructureAuthors } = end.manifest.lineage;
  const authors: readonly Author[] = [
    ...trainedBy,
    ...codeAuthors,
    ...dataOwners,
    ...infrastructureAuthors,
    ...(end.startedBy === undefined ? [] : [end.startedBy]),
  ];
  const signed = records.some(({ record }) => record.type === "sign-off");
  if (signed && !kept) {
    untold(
      withoutTokens(records, leftOut)
        ? "Who held which role is told by the records alone: neither the ID tokens are here, nor what the directory told."
        : "Who held which role is told by the groups in the ID tokens alone: what the directory told is not here.",
    );
  }
  if (signed && !kept && !policies && excludes.length > 0 && authors.some((author) => "account" in author)) {
    untold("Authors who are named by an account at a code host are not linked to people: people.yaml is not here.");
  }
  if (excludes.includes("started-the-run")) {
    untold(
      end.startedBy === undefined
        ? "Who started the CI run is not recorded, so whether that person also approved cannot be told."
        : "Who started the CI run, and may not approve, is told by the request alone: CI's token is not kept.",
    );
  }
  if (signed && end.manifest.target.kind === "policy") {
    untold(
      "Who proposed these policies, and may not sign for them, is told by their record alone, and so is what their check found: nobody signs a proposal.",
    );
  }
  if (byServiceAlone.has(end.status) && steps.some(({ record }) => record.type === "stage-opened")) {
    untold(
      "Whether somebody had rejected it before it was withdrawn, blocked or failed, as its records say: a rejection that was left out leaves no gap.",
    );
  }
  if (records.some(({ record }) => record.body["passkey"] !== undefined)) {
    untold(
      policies
        ? "Whether whoever confirmed a passkey held a role then is told by the ID tokens alone."
        : "Whether whoever confirmed a passkey held a role then, and is nobody's second identity, is told by the ID tokens alone.",
    );
  }
  const missing = new Set(
    records.flatMap(({ record }) =>
      record.attachments.filter(({ sha256 }) => leftOut.has(sha256)).map(({ name }) => name),
    ),
  );
  if (missing.size > 0) untold(`Left out, so what they prove was not checked: ${[...missing].join(", ")}.`);
  for (const sentence of conditionsFallen(steps, records)) untold(sentence);
  return unchecked;
}

function withoutTokens(records: readonly PromotionRecord[], leftOut: ReadonlySet<Sha256>): boolean {
  return records.some(({ record }) =>
    record.attachments.some(({ name, sha256 }) => name === "id-token.jwt" && leftOut.has(sha256)),
  );
}
