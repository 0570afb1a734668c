import { type Envelope, parseEnvelope } from "../../../core/attestation/dsse.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { type SigstoreBundle, sigstoreBundle } from "../../../core/attestation/sigstore-bundle.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { Failure } from "../../../core/failure.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { ApiRequest } from "../http.ts";
import { isAsked } from "../query-members.ts";
import type { Reader } from "../readers.ts";
import { keptDocument } from "./pinned-requirements.ts";

/** Of the answer, in characters: Lambda gives 6 MB at most, and a signature stands in it twice, once in its bundle. */
const largestPage = 3 * 1024 * 1024;

interface AttestationsPorts {
  readonly promotions: {
    signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]>;
    loans(id: PromotionId): Promise<readonly RecordedLoan[]>;
  };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
}

interface Attested {
  readonly id: Sha256;
  readonly envelope: Envelope;
  readonly bundle: SigstoreBundle;
}

/**
 * What was signed about a promotion so far, in the order of recording, as much of it as an answer has room for: `from` is where this
 * page begins, `next` where the next one does. `own=true`: what the reader signed, and nothing else.
 */
export async function attestationsOf(
  promotion: Promotion,
  reader: Reader,
  query: ApiRequest["query"],
  ports: AttestationsPorts,
) {
  const { id, freezeDigest } = promotion;
  const [signOffs, loans] = await Promise.all([ports.promotions.signOffs(id), ports.promotions.loans(id)]);
  const own = isAsked(query, "own");
  const isWanted = ({ reviewer }: RecordedSignOff["signOff"] | RecordedLoan["signature"]) =>
    !own || (reader.kind === "person" && sameIdentity(reviewer, reader.person.identity));
  const all = signOffs
    .filter(({ signOff }) => isWanted(signOff))
    .toSorted(by(rank))
    .map(({ signOff, envelope }) => attested(signOff.id, envelope));
  const begins = placeIn(query["from"]);
  const ends = endOfPage(all, begins);
  const page = {
    promotion: id,
    freezeDigest,
    signOffs: all.slice(begins, ends),
    ...(ends < all.length ? { next: ends } : {}),
  };
  // The first page has what there is but once.
  if (begins > 0) return page;
  const lent = loans
    .filter(({ signature }) => isWanted(signature))
    .map(({ signature, envelope }) => attested(signature.id, envelope));
  // While it runs on loan, the verdict under which it does.
  const signed = own ? undefined : (promotion.verdict ?? promotion.loan?.verdict);
  const verdict = signed === undefined ? undefined : parseEnvelope(await keptDocument(signed.sha256, ports.blobs));
  return {
    ...page,
    ...(lent.length === 0 ? {} : { loans: lent }),
    ...(verdict === undefined ? {} : { verdict: { envelope: verdict, bundle: sigstoreBundle(verdict) } }),
  };
}

function attested(id: Sha256, envelope: Envelope): Attested {
  return { id, envelope, bundle: sigstoreBundle(envelope) };
}

function rank({ signOff: { recordedAt, id } }: RecordedSignOff): string {
  return `${recordedAt} ${id}`;
}

function placeIn(from: string | undefined): number {
  if (from === undefined) return 0;
  if (!/^\d{1,6}$/.test(from)) throw new Failure("invalid-request", "from is the number that 'next' gave.");
  return Number(from);
}

/** Where the page ends: one at least is in it. */
function endOfPage(all: readonly Attested[], begins: number): number {
  let length = 0;
  let ends = begins;
  for (const { envelope } of all.slice(begins)) {
    length += 2 * envelope.payload.length + 500;
    if (ends > begins && length > largestPage) break;
    ends += 1;
  }
  return ends;
}
