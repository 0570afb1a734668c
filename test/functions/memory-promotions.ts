import type { RecordedLoan } from "../../core/attestation/recorded-loan.ts";
import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/** The promotions table in memory: the same conditions as adapters/dynamodb/promotions.ts, nothing else. */
export class MemoryPromotions {
  readonly #promotions = new Map<PromotionId, Promotion>();
  readonly #signOffs = new Map<Sha256, RecordedSignOff>();
  readonly #loans = new Map<Sha256, RecordedLoan>();
  readonly #facts = new Map<string, Fact>();
  /** Every revision that was written, in order. */
  readonly moves: Promotion[] = [];

  constructor(promotions: readonly Promotion[] = [], signOffs: readonly RecordedSignOff[] = []) {
    for (const promotion of promotions) this.#promotions.set(promotion.id, promotion);
    for (const recorded of signOffs) this.#signOffs.set(recorded.signOff.id, recorded);
  }

  /** What is stored; fails the test where nothing is. */
  stored(id: PromotionId): Promotion {
    const promotion = this.#promotions.get(id);
    if (promotion === undefined) throw new Error("There is no such promotion.");
    return promotion;
  }

  /** Replaces what is stored, as another function would meanwhile. */
  put(promotion: Promotion): void {
    this.#promotions.set(promotion.id, promotion);
  }

  /** Loses the sign-off that was recorded last, as a service would that lies about it; answers its id. */
  forgetLatest(): Sha256 {
    const { signOff } = this.recordedSignOffs().at(-1) ?? {};
    if (signOff === undefined) throw new Error("Nothing is signed.");
    this.#signOffs.delete(signOff.id);
    const { objections: _, ...promotion } = this.stored(signOff.promotion);
    this.put(promotion);
    return signOff.id;
  }

  /** Says another time of a sign-off than the one at which it was recorded, as a service would that lies about it. */
  datedOtherwise({ body }: Pick<Fact, "body">, recordedAt: Instant): void {
    const recorded = this.recordedSignOffs().find(({ signOff }) => signOff.id === body["signOff"]);
    if (recorded === undefined) throw new Error("It was not signed.");
    this.#signOffs.set(recorded.signOff.id, { ...recorded, signOff: { ...recorded.signOff, recordedAt } });
  }

  all(): readonly Promotion[] {
    return [...this.#promotions.values()];
  }

  recordedSignOffs(): readonly RecordedSignOff[] {
    return [...this.#signOffs.values()];
  }

  recordedFacts(): readonly Fact[] {
    return [...this.#facts.values()];
  }

  readonly load = async (id: PromotionId): Promise<Promotion | undefined> => this.#promotions.get(id);

  readonly create = async (promotion: Promotion): Promise<"created" | "exists"> => {
    if (this.#promotions.has(promotion.id)) return "exists";
    this.#promotions.set(promotion.id, promotion);
    return "created";
  };

  /** What the table's indexes know, which may be behind of it. */
  indexed: () => readonly Promotion[] = () => this.all();

  /** All of a status, or of a model for a target, at once; newest first. */
  readonly list = async (
    filter: { readonly status: Promotion["status"] } | { readonly model: string; readonly target: string },
  ) => ({
    promotions: this.indexed()
      .filter(({ status, manifest }) =>
        "status" in filter
          ? status === filter.status
          : manifest.model.name === filter.model && manifest.target.name === filter.target,
      )
      .toSorted((a, b) => (a.submittedAt < b.submittedAt ? 1 : -1)),
  });

  readonly move = async (next: Promotion): Promise<"moved" | "lost"> => {
    if (this.#promotions.get(next.id)?.revision !== next.revision - 1) return "lost";
    this.#promotions.set(next.id, next);
    this.moves.push(next);
    return "moved";
  };

  readonly signOffs = async (id: PromotionId): Promise<readonly RecordedSignOff[]> =>
    this.recordedSignOffs().filter(({ signOff }) => signOff.promotion === id);

  readonly recordSignOff = async (
    recorded: RecordedSignOff,
    next?: Promotion,
  ): Promise<"recorded" | "exists" | "lost"> => {
    if (this.#signOffs.has(recorded.signOff.id)) return "exists";
    if (next !== undefined && this.#promotions.get(next.id)?.revision !== next.revision - 1) return "lost";
    if (next !== undefined) this.#promotions.set(next.id, next);
    this.#signOffs.set(recorded.signOff.id, recorded);
    return "recorded";
  };

  readonly loans = async (id: PromotionId): Promise<readonly RecordedLoan[]> =>
    [...this.#loans.values()].filter(({ signature }) => signature.promotion === id);

  readonly recordLoan = async (recorded: RecordedLoan): Promise<"recorded" | "exists"> => {
    if (this.#loans.has(recorded.signature.id)) return "exists";
    this.#loans.set(recorded.signature.id, recorded);
    return "recorded";
  };

  readonly facts = async (id: PromotionId): Promise<readonly Fact[]> =>
    this.recordedFacts().filter((fact) => fact.promotion === id && fact.type !== "outcome");

  readonly factsUnder = async (of: PromotionId, name: string): Promise<readonly Fact[]> =>
    (await this.facts(of)).filter(({ id }) => id.startsWith(`${of}/${name}/`));

  readonly outcomes = async (id: PromotionId, limit: number): Promise<readonly Fact[]> =>
    this.recordedFacts()
      .filter((fact) => fact.promotion === id && fact.type === "outcome")
      .toSorted((a, b) => (a.at < b.at ? 1 : -1))
      .slice(0, limit);

  readonly countOutcomes = async (id: PromotionId) => ({
    number: (await this.outcomes(id, Number.POSITIVE_INFINITY)).length,
    more: false,
  });

  readonly fact = async ({ id }: Pick<Fact, "id">): Promise<Fact | undefined> => this.#facts.get(id);

  readonly keyFacts = async (): Promise<readonly Fact[]> => this.recordedFacts().filter(({ type }) => type === "key");

  readonly intruders = async (): Promise<readonly Fact[]> =>
    this.recordedFacts().filter(
      ({ type, promotion }) => promotion !== undefined && (type === "intruder-found" || type === "intruder-gone"),
    );

  readonly installationFacts = async (prefix: string): Promise<readonly Fact[]> =>
    this.recordedFacts().filter(({ id, promotion }) => promotion === undefined && id.startsWith(prefix));

  readonly recordFact = async (fact: Fact): Promise<"recorded" | "exists"> => {
    if (this.#facts.has(fact.id)) return "exists";
    this.#facts.set(fact.id, fact);
    return "recorded";
  };
}
