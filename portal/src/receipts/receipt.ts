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

/** What the reader signed in a promotion, as the service answers it, in one file; `undefined` where that is nothing. */
export function ownReceipts({ promotion, signOffs, loans = [] }: AttestationsAnswer): Receipt | undefined {
  if (signOffs.length + loans.length === 0) return undefined;
  const own = [signOffs, loans].map((all) => all.map(({ id, envelope }) => ({ id, envelope })));
  return { name: `receipts-${promotion}.json`, text: fileText({ promotion, signOffs: own[0], loans: own[1] }) };
}

function fileText(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
