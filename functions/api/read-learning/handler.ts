import type { Matrix } from "../../../core/approval/matrix.ts";
import { eachAtOnce } from "../../../core/at-once.ts";
import type { ReviewerClaims } from "../../../core/attestation/id-token.ts";
import { type RecordedSignOff, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { slugPattern } from "../../../core/encoding/slug.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { Failure } from "../../../core/failure.ts";
import { type Episode, episodeOf } from "../../../core/learning/episode.ts";
import { type LearningReport, learningReport } from "../../../core/learning/learning-report.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { Answer, ApiRequest } from "../http.ts";
import { type ReaderPorts, readerOf } from "../readers.ts";

/** The newest of a model: enough to learn from, and read within an answer's time. Packs hold all. */
const mostPromotions = 200;
/** Of one promotion: whether anything spoke against it is told by few. */
const mostOutcomes = 1000;
const pageSize = 50;
const readsAtOnce = 8;

export interface ReadLearningPorts extends Pick<ReaderPorts, "now" | "verifyPerson" | "groups"> {
  readonly matrix: Matrix;
  readonly promotions: {
    list(
      filter: { readonly model: string; readonly target: string },
      limit: number,
      from?: string,
    ): Promise<{ readonly promotions: readonly Promotion[]; readonly next?: string }>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    /** The newest ones. */
    outcomes(id: PromotionId, limit: number): Promise<readonly Fact[]>;
    signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]>;
  };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
}

/** What GET /v1/learning answers. */
interface LearningView extends LearningReport {
  readonly model: string;
  readonly target: string;
  /** Older promotions of the model are not in it. */
  readonly older: boolean;
}

/**
 * GET /v1/learning: where the assessment of a model failed. How people decide is shown to those whom the matrix names
 * for it, and to nobody where it names none.
 */
export function readLearning(ports: ReadLearningPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const reader = await readerOf(http, { ...ports, claimsMachine: () => false, verifyMachine: noMachine });
    const { model, target } = http.query;
    if (!isSlug(model) || !isSlug(target)) {
      throw new Failure("invalid-request", "Name the model and the target: ?model=…&target=….");
    }
    const { promotions, older } = await newest(model, target);
    const episodes: Episode[] = [];
    await eachAtOnce(promotions, readsAtOnce, async (promotion) => {
      const episode = await whole(promotion);
      if (episode !== undefined) episodes.push(episode);
    });
    // Read in any order; told in one.
    episodes.sort(by(({ promotion }) => promotion));
    const fewestDecisions =
      reader.kind === "person" && seesDecisions(ports.matrix, reader.person)
        ? ports.matrix.learning?.fewestDecisions
        : undefined;
    const report = learningReport(episodes, fewestDecisions === undefined ? {} : { fewestDecisions });
    const json: LearningView = { model, target, older, ...report };
    return { status: 200, json };
  };

  async function newest(
    model: string,
    target: string,
  ): Promise<{ readonly promotions: readonly Promotion[]; readonly older: boolean }> {
    const promotions: Promotion[] = [];
    let from: string | undefined;
    do {
      const page = await ports.promotions.list({ model, target }, pageSize, from);
      promotions.push(...page.promotions);
      from = page.next;
    } while (from !== undefined && promotions.length < mostPromotions);
    return { promotions: promotions.slice(0, mostPromotions), older: from !== undefined };
  }

  async function whole({ id, history, gates }: Promotion): Promise<Episode | undefined> {
    const [facts, outcomes, signOffs, report] = await Promise.all([
      ports.promotions.facts(id),
      ports.promotions.outcomes(id, mostOutcomes),
      ports.promotions.signOffs(id),
      gates === undefined ? undefined : ports.blobs.get(gates.report),
    ]);
    const all = [...history, ...facts, ...outcomes, ...signOffs.map(signOffFact)];
    return episodeOf(all, report === undefined ? undefined : (JSON.parse(fromUtf8(report)) as unknown));
  }
}

/** Whether the person holds a role that may see how decisions are taken. */
function seesDecisions({ learning, roles }: Matrix, { identity, groups }: ReviewerClaims): boolean {
  return (learning?.seenBy ?? []).some((name) => {
    const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
    return (
      role !== undefined &&
      (role.issuers?.includes(identity.issuer) ?? true) &&
      role.groups.some((group) => groups.includes(group))
    );
  });
}

function isSlug(text: string | undefined): text is string {
  return text !== undefined && slugPattern.test(text);
}

async function noMachine(): Promise<never> {
  throw new Failure("token-invalid", "This is for people.");
}
