import { personOf } from "../../../core/approval/entitlement.ts";
import type { Person } from "../../../core/approval/people.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { type Identity, type Member, sameIdentity } from "../../../core/promotion/identity.ts";
import { comesInForce } from "../../../core/promotion/lane.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Status } from "../../../core/promotion/promotion.ts";
import { isPromotionId } from "../../../core/promotion/promotion-id.ts";
import { moveOn, type PromotionMoves } from "../../steps/promotion-store.ts";
import { type Answer, type ApiRequest, bearerToken } from "../http.ts";

/** Until the deployment begins. */
const withdrawable: readonly Status[] = ["gating", "shadowing", "in-review", "approved"];

export interface WithdrawPorts {
  readonly now: () => Instant;
  /** Decides by the issuer alone which of the two verifiers judges the token; never both. */
  readonly claimsMachine: (token: string) => boolean;
  readonly verifyMachine: (token: string) => Promise<Identity>;
  readonly verifyPerson: (
    token: string,
    expected: { readonly now: Instant; readonly acts: true },
  ) => Promise<{ readonly identity: Identity }>;
  /** Who is one person with several accounts. */
  readonly people: readonly Person[];
  /** The groups that give a role in the approval matrix. */
  readonly groups: readonly string[];
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly promotions: PromotionMoves;
}

interface Withdrawing {
  readonly asked: (requester: Identity) => Promise<boolean>;
  readonly reason: string;
}

/**
 * POST /v1/promotions/{id}/withdrawal: the pipeline that asked takes its request back until the deployment begins, and whoever
 * proposed policies their proposal until its verdict, with whichever account of theirs.
 */
export function withdraw(ports: WithdrawPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const { asked, reason } = await withdrawing(bearerToken(http));
    const { id } = http.parameters;
    if (!isPromotionId(id)) throw new Failure("not-found", "There is no such promotion.");
    const promotion = await moveOn(ports.promotions, id, async (current) => {
      if (!(await asked(current.manifest.requester))) throw new Failure("not-found", "There is no such promotion.");
      if (current.status === "withdrawn") return undefined;
      if (!withdrawable.includes(current.status)) {
        throw new Failure("already-decided", `The promotion is ${current.status}; it cannot be withdrawn any more.`);
      }
      if (comesInForce(current))
        throw new Failure("already-decided", "The policies are being put in force; they cannot be withdrawn any more.");
      return advance(
        current,
        {
          status: "withdrawn",
          reason,
          ...(current.stage === undefined ? {} : { stage: { ...current.stage, open: false } }),
        },
        { type: "withdrawn", at: ports.now(), summary: reason, body: {}, attachments: [] },
      );
    });
    return { status: 200, json: { id: promotion.id, status: promotion.status } };
  };

  async function withdrawing(token: string): Promise<Withdrawing> {
    if (ports.claimsMachine(token)) {
      const machine = await ports.verifyMachine(token);
      return {
        asked: async (requester) => sameIdentity(requester, machine),
        reason: "The pipeline that asked for it took its request back.",
      };
    }
    const { identity } = await ports.verifyPerson(token, { now: ports.now(), acts: true });
    return {
      asked: async (requester) => sameIdentity(requester, identity) || (await isOnePerson(requester, identity)),
      reason: "Whoever proposed it took the proposal back.",
    };
  }

  async function isOnePerson(requester: Identity, other: Identity): Promise<boolean> {
    const keyOf = personOf(await ports.directory.everybody(ports.groups), ports.people);
    return keyOf(requester) === keyOf(other);
  }
}
