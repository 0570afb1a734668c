import { type Delegation, inScopeOf } from "../../core/approval/delegation.ts";
import type { ReviewerClaims } from "../../core/attestation/id-token.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Identity } from "../../core/promotion/identity.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { type ApiRequest, bearerToken } from "./http.ts";

/** Who reads: a person of the reviewers' identity provider, or a pipeline, which sees its own promotions only. */
export type Reader =
  | {
      readonly kind: "person";
      readonly person: ReviewerClaims;
      /** Of somebody without a role: what they may sign in another's place, and nothing else is theirs to see. */
      readonly standsIn?: readonly Delegation[];
    }
  | { readonly kind: "machine"; readonly identity: Identity };

export interface ReaderPorts {
  readonly now: () => Instant;
  /** Decides by the issuer alone which of the two verifiers judges the token; never both. */
  readonly claimsMachine: (token: string) => boolean;
  /** `acts`: the token is to let them do something, and not only read. */
  readonly verifyPerson: (
    token: string,
    expected: { readonly now: Instant; readonly acts?: true },
  ) => Promise<ReviewerClaims>;
  readonly verifyMachine: (token: string) => Promise<Identity>;
  /** The groups that give a role in the approval matrix: others of the directory see nothing. */
  readonly groups: readonly string[];
  /** The delegations by which somebody without such a group stands in for others now; absent: nobody reads for that. */
  readonly standsIn?: (person: Identity) => Promise<readonly Delegation[]>;
}

/** Who sends this request, and whether it only reads. Throws `unauthenticated`, what is wrong with the token, or `forbidden`. */
export async function readerOf(
  request: ApiRequest,
  ports: ReaderPorts,
  what: "reads" | "acts" = "reads",
): Promise<Reader> {
  const token = bearerToken(request);
  if (ports.claimsMachine(token)) return { kind: "machine", identity: await ports.verifyMachine(token) };
  const person = await ports.verifyPerson(token, { now: ports.now(), ...(what === "acts" ? { acts: true } : {}) });
  if (holdsRole(person, ports)) return { kind: "person", person };
  const standsIn = (await ports.standsIn?.(person.identity)) ?? [];
  if (standsIn.length === 0) throw noRole();
  return { kind: "person", person, standsIn };
}

/** Whether a person holds some role of the approval matrix. */
export function holdsRole({ groups }: Pick<ReviewerClaims, "groups">, ports: Pick<ReaderPorts, "groups">): boolean {
  return groups.some((group) => ports.groups.includes(group));
}

/** The same words whether or not there is what somebody asks for: they learn nothing of it. */
export function noRole(): Failure {
  return new Failure("forbidden", "You are signed in, but hold no role in any review here.");
}

/** Whether a reader may see a promotion. */
export function maySee(reader: Reader, promotion: Promotion): boolean {
  switch (reader.kind) {
    case "person": {
      if (reader.standsIn === undefined) return true;
      return inScopeOf(reader.standsIn, promotion.manifest).some(({ outOfScope }) => outOfScope === undefined);
    }
    case "machine": {
      const { requester } = promotion.manifest;
      return requester.issuer === reader.identity.issuer && requester.subject === reader.identity.subject;
    }
    default:
      return reader satisfies never;
  }
}
