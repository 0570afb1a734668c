import { type Absence, absentAt } from "../../../core/approval/absence.ts";
import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { placesToStandIn } from "../../../core/approval/delegation.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import {
  type ApprovalPolicy,
  approvalInputOf,
  calendarNow,
  groupsOf,
  openStageOf,
  pinnedRequirements,
} from "../../../core/approval/promotion-approval.ts";
import { type LostSeat, lostSeats } from "../../../core/approval/settled-stages.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { comesWithPlan, planApplication } from "../../../core/deployment/plan-application.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { SequencerStore } from "../../../core/ledger/sequencer-ports.ts";
import { identityKey, type Member } from "../../../core/promotion/identity.ts";
import { awaitsItsVerdict } from "../../../core/promotion/objection.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type CurrentDelegations, delegationsInReview } from "../../people/delegations.ts";
import { makersOf } from "../../people/makers.ts";
import { signedAbout, withWhoSigned } from "../../people/who-signed.ts";
import type { Answer, ApiRequest } from "../http.ts";
import { isAsked } from "../query-members.ts";
import { maySee, type Reader, type ReaderPorts, readerOf } from "../readers.ts";
import { attestationsOf } from "./attestations.ts";
import { authorNames } from "./author-names.ts";
import { barredPeople } from "./barred-people.ts";
import { type BelongingsPorts, belongingsOf } from "./belongings.ts";
import { evidencePart } from "./evidence.ts";
import { type ListPorts, listPromotions } from "./list.ts";
import { nothingLent } from "./nothing-lent.ts";
import { keptDocument, requirementsFor } from "./pinned-requirements.ts";
import { type PromotionView, promotionView } from "./view.ts";

export interface ReadPromotionsPorts extends ReaderPorts {
  readonly attestationBase: string;
  readonly policy: ApprovalPolicy;
  readonly promotions: ListPorts["promotions"] &
    BelongingsPorts["promotions"] & { load(id: PromotionId): Promise<Promotion | undefined> };
  readonly delegations: CurrentDelegations;
  readonly absences: { list(): Promise<readonly Absence[]> };
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly loanBooks: ListPorts["loanBooks"];
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  readonly ledger: Pick<SequencerStore, "markers">;
}

/** GET /v1/promotions, GET /v1/promotions/{id}, and what is below it: attestations and evidence. */
export function readPromotions(ports: ReadPromotionsPorts) {
  const belongings = belongingsOf(ports);
  return async (http: ApiRequest): Promise<Answer> => {
    const reader = await readerOf(http, ports);
    switch (http.route) {
      case "/v1/promotions":
        return { status: 200, json: await listPromotions(http, reader, ports) };
      case "/v1/promotions/{id}":
        return { status: 200, json: await view(await visible(http, reader), reader, http.query) };
      case "/v1/promotions/{id}/attestations":
        return { status: 200, json: await attestationsOf(await visible(http, reader), reader, http.query, ports) };
      case "/v1/promotions/{id}/evidence/{sha256}":
        return { status: 200, json: await evidencePart(http, await visible(http, reader), ports) };
      default:
        throw new Failure("not-found", "There is nothing at this address.");
    }
  };

  async function visible(http: ApiRequest, reader: Reader): Promise<Promotion> {
    const { id } = http.parameters;
    const promotion = isPromotionId(id) ? await ports.promotions.load(id) : undefined;
    // What a reader may not see is not there for them.
    if (promotion === undefined || !maySee(reader, promotion))
      throw new Failure("not-found", "There is no such promotion.");
    return promotion;
  }

  async function view(promotion: Promotion, reader: Reader, query: ApiRequest["query"]): Promise<PromotionView> {
    const { requirements, without } = await requirementsFor(promotion, ports);
    const now = ports.now();
    const { reapproves } = promotion;
    const [recorded, members, notOver, absences, drifted] = await Promise.all([
      belongings(promotion, isAsked(query, "again")),
      ports.directory.everybody(groupsOf(requirements)),
      ports.delegations.notOver(now),
      ports.absences.list(),
      reapproves === undefined ? undefined : ports.promotions.load(reapproves.promotion),
    ]);
    const given = recorded.signOffs.map(({ signOff }) => signOff);
    const input = approvalInputOf(promotion, requirements, {
      people: withWhoSigned(ports.policy.people, await signedAbout(promotion, recorded.signOffs, ports)),
      members,
      signOffs: given,
      entitlement: "as-signed",
      delegations: await delegationsInReview(given, notOver, ports.delegations),
      absent: absentAt(absences, now),
      now,
    });
    const explanation = without ?? evaluateApproval(input).explanation;
    const { gates } = promotion;
    const [report, summary] =
      gates === undefined
        ? [undefined, undefined]
        : await Promise.all([document(gates.report), document(gates.summary)]);
    const open = openStageOf(promotion) !== undefined;
    const context =
      open || awaitsItsVerdict(promotion) ? signOffContextOf(promotion, ports.attestationBase) : undefined;
    const calendar = calendarNow(ports.policy, promotion, now);
    const places = open ? placesToStandIn(input) : [];
    const shown = promotionView({
      promotion,
      requirements,
      report,
      summary,
      context,
      explanation,
      ...recorded,
      mayAnswer: mayAnswer(reader, promotion, members),
      authorNames: authorNames(promotion.manifest.lineage, ports.policy.people, members),
      barred: barredPeople(input),
      drifted,
      reader: reader.kind === "person" ? reader.person.identity : undefined,
      nothingLent: await nothingLent(promotion, requirements, reader, now, ports),
      members,
      places,
      changeFreeze: open && calendar.kind === "frozen" ? { window: calendar.window, until: calendar.until } : undefined,
      plan: planApplication(promotion, {
        isPinned: pinnedRequirements(ports.policy, promotion) !== undefined,
        calendar,
        lost: lostMeanwhile(promotion, input),
        now,
      }),
    });
    return isAsked(query, "entries") ? { ...shown, timeline: await withLedgerEntries(shown.timeline) } : shown;
  }

  /** Seats that verification would open at this moment, where somebody may apply a plan for what was approved. */
  function lostMeanwhile(promotion: Promotion, input: ApprovalInput): readonly LostSeat[] {
    if (promotion.status !== "approved" || !comesWithPlan(promotion)) return [];
    return lostSeats({ ...input, entitlement: "as-of-now" });
  }

  /** Whoever had a hand in the candidate, and its own pipeline, which is the only one that sees it. */
  function mayAnswer(reader: Reader, promotion: Promotion, members: readonly Member[]): boolean {
    if (reader.kind === "machine") return true;
    return makersOf(promotion, members, ports.policy.people).has(identityKey(reader.person.identity));
  }

  /** Where each fact is in the ledger; the newest may not be there yet. */
  async function withLedgerEntries(timeline: PromotionView["timeline"]): Promise<PromotionView["timeline"]> {
    const markers = await ports.ledger.markers(timeline.map(({ id }) => id));
    return timeline.map((fact) => {
      const entry = markers.get(fact.id)?.index;
      return entry === undefined ? fact : { ...fact, entry };
    });
  }

  function document(sha256: Sha256): Promise<Json> {
    return keptDocument(sha256, ports.blobs);
  }
}
