import { useState } from "preact/hooks";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import { apiClient, type Problem } from "../api/client.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { ProblemNotice } from "../ui/problem.tsx";

const withdrawable: readonly ShownPromotion["status"][] = ["gating", "in-review", "approved"];

/** Lets whoever proposed policies take the proposal back while it is signed. It decides nothing, so it needs no ceremony. */
export function WithdrawProposal(props: {
  readonly promotion: ShownPromotion;
  readonly session: Session;
  /** Where the sign-in was for one decision alone. */
  readonly onExpired: () => void;
  readonly onWithdrawn: () => void;
}) {
  const { promotion, session } = props;
  const words = messages.policy.withdraw;
  const [problem, setProblem] = useState<Problem>();
  const { target, requester } = promotion.manifest;
  if (target.kind !== "policy" || !withdrawable.includes(promotion.status) || promotion.verdict !== undefined)
    return null;
  // Nobody else has a hand in a proposal: who may answer what is asked about it proposed it, with this account or another.
  if (!sameIdentity(requester, session.reviewer.identity) && promotion.mayAnswer !== true) return null;
  const withdraw = async (): Promise<void> => {
    const reply = await apiClient(session.idToken).post(`/v1/promotions/${promotion.id}/withdrawal`, {});
    setProblem(reply.kind === "problem" ? reply.problem : undefined);
    if (reply.kind === "problem" && reply.problem.code === "token-expired") props.onExpired();
    if (reply.kind === "ok") props.onWithdrawn();
  };
  return (
    <details class="card folded">
      <summary>{words.heading}</summary>
      <p>{words.lead}</p>
      <div class="buttons">
        <button type="button" onClick={() => void withdraw()}>
          {words.button}
        </button>
      </div>
      {problem !== undefined && <ProblemNotice sentence={problem.sentence} />}
    </details>
  );
}
