import type { Envelope } from "../../../core/attestation/dsse.ts";
import { fromBase64 } from "../../../core/encoding/base64.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { type Identity, sameIdentity } from "../../../core/promotion/identity.ts";
import type { AttestationsAnswer, RecordedAnswer } from "../api/contract.ts";

/** What the service answered whoever signed: it signed that it recorded this (docs/decisions/0070). */
export interface Receipt {
  /** The file's. */
  readonly name: string;
  readonly text: string;
}

/** The receipt of what was just recorded. `about`: of what, in words that a file's name may have. */
export function receiptOf(answer: RecordedAnswer, about: readonly string[]): Receipt {
  return { name: `receipt-${[...about, answer.id.slice(0, 8)].join("-")}.json`, text: fileText(answer) };
}

/** The receipts of everything that somebody signed in a promotion, in one file; `undefined` where that is nothing. */
export function ownReceipts({ promotion, signOffs, loans = [] }: AttestationsAnswer, person: Identity) {
  const own = [signOffs, loans].map((all) =>
    all.filter(({ envelope }) => isSignedBy(envelope, person)).map(({ id, envelope }) => ({ id, envelope })),
  );
  const [ownSignOffs, ownLoans] = own;
  const name = `receipts-${promotion}.json`;
  return own.flat().length === 0
    ? undefined
    : ({ name, text: fileText({ promotion, signOffs: ownSignOffs, loans: ownLoans }) } satisfies Receipt);
}

/** Whoever is named in it: what the service has stored is for a verifier to judge. */
function isSignedBy({ payload }: Envelope, person: Identity): boolean {
  const { reviewer, lender } = (
    JSON.parse(fromUtf8(fromBase64(payload))) as {
      readonly predicate: { readonly reviewer?: Identity; readonly lender?: Identity };
    }
  ).predicate;
  const signer = reviewer ?? lender;
  return signer !== undefined && sameIdentity(signer, person);
}

function fileText(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
