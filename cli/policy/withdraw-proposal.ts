import { promotionIdOf } from "../fetch-promotion.ts";
import type { SignInSettings } from "../options.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import { describedService } from "../service/service.ts";
import { signIn } from "../sign-in/sign-in.ts";
import type { Surroundings } from "../surroundings.ts";

export interface WithdrawProposalOptions extends SignInSettings {
  readonly url: string;
}

/** Takes a proposal of policies back, as the person who signs in and made it; answers its status. */
export async function withdrawProposal(
  id: string,
  options: WithdrawProposalOptions,
  surroundings: Surroundings,
): Promise<{ readonly status: string }> {
  const promotion = promotionIdOf(id);
  const service = await describedService(apiClient(options.url), surroundings);
  const { idToken } = await signIn(service, { kind: "reading" }, options, surroundings);
  const reply = await service.api.post(`/v1/promotions/${promotion}/withdrawal`, {}, idToken);
  return readAnswer(answers.withdrawn, bodyOf(reply));
}
