import type { ReviewerClaims } from "../../../core/attestation/id-token.ts";
import { passkeysOf, type RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import { type Answer, type ApiRequest, bearerToken } from "../http.ts";
import { isAsked } from "../query-members.ts";
import { passkeyView } from "./view.ts";

export interface ReadPasskeysPorts {
  readonly now: () => Instant;
  /** The groups that give a role in the approval matrix: others of the directory see nothing. */
  readonly groups: readonly string[];
  readonly verifyPerson: (token: string, expected: { readonly now: Instant }) => Promise<ReviewerClaims>;
  readonly passkeys: {
    /** Newest first: of each what was done about it. */
    page(
      of: { readonly owner?: Identity },
      limit: number,
      from?: string,
    ): Promise<{ readonly passkeys: readonly (readonly RecordedPasskeyDeed[])[]; readonly next?: string }>;
  };
}

/**
 * GET /v1/passkeys: a page of everybody's, newest first, since a second person must find the one to confirm; or of one's own. Public
 * keys are no secrets. What is not wanted is left out of the page, so it may be short.
 */
export function readPasskeys(ports: ReadPasskeysPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const { identity, groups } = await ports.verifyPerson(bearerToken(http), { now: ports.now() });
    if (!groups.some((group) => ports.groups.includes(group)))
      throw new Failure("forbidden", "You are signed in, but hold no role in any review here.");
    const { own, waiting, limit, cursor } = asked(http.query);
    const page = await ports.passkeys.page(own ? { owner: identity } : {}, limit, cursor);
    const passkeys = page.passkeys
      .flatMap(passkeysOf)
      .filter(({ confirmed, revoked }) => !waiting || (confirmed === undefined && revoked === undefined))
      .map(passkeyView);
    return { status: 200, json: { passkeys, ...(page.next === undefined ? {} : { next: page.next }) } };
  };
}

function asked(query: ApiRequest["query"]) {
  const { owner, limit = "50", cursor } = query;
  if (owner !== undefined && owner !== "me") throw new Failure("invalid-request", "owner is 'me', or not given.");
  const size = Number(limit);
  if (!Number.isInteger(size) || size < 1 || size > 100)
    throw new Failure("invalid-request", "limit is a whole number from 1 to 100.");
  return { own: owner === "me", waiting: isAsked(query, "waiting"), limit: size, cursor };
}
