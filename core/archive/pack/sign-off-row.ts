import type { LedgerRecord } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { numberIn, objectIn, textIn, textsIn } from "../documents/json-member.ts";
import type { Column } from "../tables/table.ts";
import type { PromotionRecord } from "./promotion-file.ts";

/** What a sign-off was about, which its own record does not say: empty where no record before it does. */
export interface SignedFor {
  readonly model: string;
  readonly version: string;
  readonly target: string;
  /** The name of its stage. */
  readonly stageName: string;
}

/** A sign-off, and what it was about. */
export interface SignOffRow extends PromotionRecord {
  readonly signedFor: SignedFor;
}

/** What one promotion's records told so far. */
interface Told {
  readonly asked: SignedFor;
  /** By stage; the same value for all who sign in it. */
  readonly stages: Map<number | undefined, SignedFor>;
}

/** Of a sign-off before which nothing of its promotion was told. */
export const signedForNothing: SignedFor = { model: "", version: "", target: "", stageName: "" };

/** Records in the order of the log, those of all promotions among each other; what each sign-off is about, by those before it. */
export function signedForAsTold(): (record: LedgerRecord) => SignedFor | undefined {
  const told = new Map<PromotionId | undefined, Told>();
  return ({ promotion, type, body }) => {
    if (type === "request" && !told.has(promotion)) {
      const model = objectIn(body, "model");
      const [name, version, target] = [textIn(model, "name"), textIn(model, "version"), textIn(body, "target")];
      const asked = { ...signedForNothing, model: name, version, target };
      told.set(promotion, { asked, stages: new Map() });
    }
    if (type !== "stage-opened" && type !== "sign-off") return undefined;
    const { asked, stages } = told.get(promotion) ?? { asked: signedForNothing, stages: undefined };
    const stage = numberIn(body, "stage");
    if (type === "sign-off") return stages?.get(stage) ?? asked;
    stages?.set(stage, { ...asked, stageName: textIn(body, "name") });
    return undefined;
  };
}

/** A row for each sign-off. */
export const signOffColumns: readonly Column<SignOffRow>[] = [
  { name: "index", kind: "number", of: ({ index }) => index },
  { name: "at", kind: "instant", of: ({ record }) => record.at },
  { name: "promotion", kind: "text", of: ({ record }) => record.promotion },
  { name: "model", kind: "text", of: ({ signedFor }) => signedFor.model },
  { name: "version", kind: "text", of: ({ signedFor }) => signedFor.version },
  { name: "target", kind: "text", of: ({ signedFor }) => signedFor.target },
  { name: "result", kind: "text", of: ({ record }) => textIn(record.body, "result") },
  { name: "roles", kind: "text", of: ({ record }) => textsIn(record.body, "roles") },
  { name: "summary", kind: "text", of: ({ record }) => record.summary },
  { name: "reason", kind: "text", of: ({ record }) => textIn(record.body, "reason") },
  { name: "stageName", kind: "text", of: ({ signedFor }) => signedFor.stageName },
  { name: "stage", kind: "number", of: ({ record }) => numberIn(record.body, "stage") },
  { name: "review", kind: "number", of: ({ record }) => numberIn(record.body, "review") },
  { name: "reviewer", kind: "text", of: ({ record }) => textIn(objectIn(record.body, "reviewer"), "subject") },
  { name: "issuer", kind: "text", of: ({ record }) => textIn(objectIn(record.body, "reviewer"), "issuer") },
  {
    name: "inPlaceOf",
    kind: "text",
    of: ({ record }) => textIn(objectIn(objectIn(record.body, "onBehalfOf"), "person"), "subject"),
  },
  { name: "groups", kind: "text", of: ({ record }) => textsIn(record.body, "groups") },
  { name: "signOff", kind: "text", of: ({ record }) => textIn(record.body, "signOff") },
];
