import { pipelineTarget } from "../../../../adapters/pipeline/deployment-target.ts";
import { openStageOf } from "../../../../core/approval/promotion-approval.ts";
import { msOfInstant } from "../../../../core/encoding/instant.ts";
import { Failure } from "../../../../core/failure.ts";
import { hasEnded } from "../../../../core/promotion/life-cycle.ts";
import type { Status } from "../../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { ReleaseConditions } from "../../../../core/promotion/release-conditions.ts";
import { House } from "../house.ts";
import { attestationKey } from "../reviewers.ts";
import { Letters } from "./letters.ts";
import { Machines } from "./machines.ts";
import { keys, Operations } from "./operations.ts";
import { others, People } from "./people.ts";
import { Platform } from "./platform.ts";
import { ProviderMoves } from "./provider-moves.ts";
import { Providers } from "./providers.ts";
import { Receiver } from "./receiver.ts";
import { Rulebook } from "./rulebook.ts";
import { firstRules, policiesOf, type Rules } from "./rules.ts";
import { Shadows } from "./shadows.ts";
import { between, concerned, type Step } from "./step.ts";
import { Stream } from "./stream.ts";
import { Died, type Mishap, Turns } from "./turns.ts";

const times = [
  0.003,
  0.4,
  2,
  4.5,
  5,
  60,
  299,
  600,
  899,
  900,
  901,
  3600,
  4 * 3600,
  6 * 3600,
  86_400,
  86_400,
  3 * 86_400,
  5 * 86_400,
];
const troubles = [
  ["unavailable"],
  ["unavailable", "unavailable", "unavailable"],
  ["unavailable", "deployment-refused"],
  ["deployment-refused"],
] as const;
const often = ["production", "offers", "production"] as const;
const targets = ["rollout", "hook", ...often, "cluster", "shared", ...often] as const;

interface WorldOptions {
  readonly apart?: number;
  readonly begins?: number | undefined;
  readonly holdsUp?: boolean;
}

/** A service, its people and what is around it, in which things happen one after the other, and some of them at once. */
export class World {
  readonly turns = new Turns();
  readonly platform = new Platform();
  readonly shadows = new Shadows(this.platform);
  readonly providers = new Providers();
  readonly house: House;
  readonly stream: Stream;
  readonly machines: Machines;
  readonly people: People;
  readonly operations: Operations;
  readonly letters: Letters;
  /** What was refused. */
  readonly notes: string[] = [];
  readonly #rules: Rulebook;
  readonly #moves: ProviderMoves;
  #listing = 0;
  /** For so many seconds whoever signs in next does not go on. */
  #dawdles = 0;
  #next: Mishap = {};
  /** By how many milliseconds the clocks of two hosts differ at most. */
  readonly #apart: number;
  #hosts = 0;

  /**
   * @param begins when, in milliseconds since 1970
   * @param holdsUp whether every other deployment is held up for longer than its verdict is good for
   */
  constructor(rules: Rules = firstRules, { apart = 0, begins, holdsUp = false }: WorldOptions = {}) {
    this.#apart = apart;
    const key = keys[0] ?? attestationKey();
    this.house = new House(key, policiesOf(rules), others, undefined, {
      provider: this.providers,
      target: this.platform.target,
      newer: async ({ id, manifest }) => {
        const lane = await this.house.lanes.load(manifest.model.name, manifest.target.name);
        return lane?.head.id === id ? undefined : lane?.head.id;
      },
      apart: () => this.#clockOfHost(),
      start: (id) => this.machines.begin(id),
      ...(begins === undefined ? {} : { begins }),
      listed: async () => {
        await this.turns.called();
        this.house.pass(this.#listing);
      },
      signedIn: async () => {
        const dawdles = this.#dawdles;
        this.#dawdles = 0;
        await this.turns.called();
        await this.machines.pass(dawdles);
      },
    });
    this.platform.waitsBy(() => this.house.clock);
    const { promotions, now } = this.house;
    this.platform.deployedBy(pipelineTarget(promotions, now), new Receiver(promotions, now));
    this.stream = new Stream(this.house, this.turns);
    this.machines = new Machines(this.house, this.platform, this.shadows, this.turns, holdsUp);
    this.people = new People(this.house, this.machines);
    this.#rules = new Rulebook(this.house, this.people, rules);
    this.#moves = new ProviderMoves(this.house, this.people);
    this.operations = new Operations(this.house, this.platform, this.stream);
    this.letters = new Letters(this.house, this.people, this.stream);
  }

  /** Each call of a function may be on a host of its own: some are ahead of the others all the time. */
  #clockOfHost(): number {
    this.#hosts += 1;
    return Math.round((((this.#hosts * 7919) % 101) / 100 - 0.5) * this.#apart);
  }

  /** Whether two accounts were ever taken for one person's. */
  get hasLinked(): boolean {
    return this.#moves.haveBeen || this.people.haveLinked || this.#rules.hasLinked;
  }

  get ids(): readonly PromotionId[] {
    return this.house.promotions.all().map(({ id }) => id);
  }

  /** One that people decide about where that is asked, or of which something is left to be done; else any. */
  #some(which: number, what: Step["what"]): PromotionId | undefined {
    const open = this.ids.filter((id) => this.machines.where(id) !== "done");
    const about = concerned[what];
    const asked = about === undefined ? [] : this.#ofStatus(about);
    const all = asked.length > 0 ? asked : open.length > 0 ? open : this.ids;
    return all[which % Math.max(1, all.length)];
  }

  #ofStatus(statuses: readonly Status[]): readonly PromotionId[] {
    return this.ids.filter((id) => statuses.includes(this.house.promotions.stored(id).status));
  }

  async take(step: Step): Promise<void> {
    // What is to come between adds up, until somebody does something.
    if (between.includes(step.what)) return this.#attempt(step);
    const mishap = this.#next;
    this.#next = {};
    await this.machines.seeTo();
    await this.turns.take(mishap, () => this.#attempt(step));
  }

  async #attempt(step: Step): Promise<void> {
    try {
      await this.#do(step);
    } catch (error) {
      if (error instanceof Died) {
        this.notes.push(`${step.what} died`);
        // Whoever called it does so again.
        if (step.more % 2 === 0) await this.turns.take({}, () => this.#attempt(step));
        return;
      }
      if (!(error instanceof Failure)) throw error;
      this.notes.push(`${step.what}: ${error.code}`);
    }
  }

  async #do({ what, who, how, more }: Step): Promise<void> {
    const id = this.#some(who, what);
    switch (what) {
      case "submit":
        await this.#submit(who, how, more);
        return;
      case "go":
        if (id !== undefined) for (let n = 0; n <= how % 4; n += 1) await this.machines.go(id);
        return;
      case "sign":
        if (id !== undefined) await this.people.sign(id, how, more);
        return;
      case "settle":
        if (id !== undefined) await this.settle(id);
        return;
      case "release":
        return this.#release(who, how, more);
      case "onCondition":
        if (id !== undefined) await this.#onCondition(id, more);
        return;
      case "decide":
        if (id !== undefined) await this.house.decide(id);
        return;
      case "pass":
        return this.machines.pass(times[how % times.length] ?? 0);
      case "toDeadline":
        if (id !== undefined) await this.#toDeadline(id, how);
        return;
      case "takeBack":
        if (id !== undefined) await this.people.takeBack(id, how, more);
        return;
      case "withdraw":
        if (id !== undefined) await this.house.withdraw(id);
        return;
      case "policies":
        return this.#rules.propose(who, how, more, (one) => this.settle(one));
      case "deployPolicies":
        return this.#rules.deploy(who, how);
      case "people":
        return this.people.comeAndGo(who, how);
      case "lend":
        if (id !== undefined) await this.people.lend(id, how, more);
        return;
      case "drift":
        return this.#drift(how, more);
      case "remedy":
        if (id !== undefined) await this.house.restrict(id);
        return;
      case "passkey":
        return this.people.passkey(who, how, more);
      case "delegate":
        return this.people.delegate(who, how, more, this.#rules.now.renamed);
      case "rotate":
        // Both at once as well, as one deployment does that says so of both.
        if (how % 3 !== 1) await this.operations.rotate("attestation", more);
        if (how % 3 !== 0) await this.operations.rotate("checkpoint", more);
        return;
      case "resend":
        return this.house.resend(how % 4 === 0 ? who : who % 3, more % 2 === 0);
      case "letter":
        if (id !== undefined) await this.letters.letter(id, how, more);
        return;
      case "carry":
        return this.letters.carry(how, more);
      case "question":
        if (id !== undefined) await this.letters.question(id, how, more);
        return;
      case "undelivered":
        return this.letters.undelivered(id, how, more);
      case "provider":
        return this.#moves.next(who, how, more, (one) => this.#attempt(one));
      case "signInKeys":
        if (more % 3 === 0) this.providers.rotate(this.#moves.at);
        else if (more % 3 === 1) this.providers.forget(this.#moves.at);
        else this.providers.ahead = [0, 50, -50, 5, -5][how % 5] ?? 0;
        return;
      case "witness":
        return this.stream.cosign();
      case "registry":
        if (how % 3 === 0) this.platform.registry.silent = 1 + (more % 3);
        else this.platform.registry.meddle(more);
        return;
      case "trouble":
        return this.platform.fails(...(troubles[how % troubles.length] ?? []));
      case "exported":
        return this.operations.exported(id, how);
      case "breakDown":
        if (id !== undefined) this.machines.breakDown(id);
        return;
      case "strange":
        this.shadows.strange = how % 2 === 0;
        return;
      case "tell":
        return this.#tell(who, how, more);
      case "tellAgain":
        return this.stream.tellAgain(how);
      case "giveUp": {
        const key = this.stream.waiting[how % Math.max(1, this.stream.waiting.length)];
        if (key !== undefined) this.stream.giveUp(key);
        return;
      }
      case "reconcile":
        await this.stream.reconcile();
        return;
      case "republish":
        return this.stream.republish();
      case "passport":
        if (id !== undefined) await this.operations.passport(id, how);
        return;
      case "report":
        if (id !== undefined) await this.operations.report(id, how);
        return;
      case "outcome":
        if (id !== undefined) await this.operations.outcome(this.ids[how % this.ids.length] ?? id, more);
        return;
      case "intruder":
        return this.#intrude(how, more);
      case "audit":
        return this.operations.audit();
      case "seeTo":
        return this.house.restrictBy({ "detail-type": "Scheduled Event", detail: {} }, this.platform.target);
      case "alarm":
        if (id !== undefined) {
          if (how % 2 === 0) this.platform.alarmed.add(id);
          else this.platform.alarmed.clear();
        }
        return;
      case "slow":
        this.platform.slow = how % 3;
        return;
      case "index":
        this.stream.indexBehind = [0, 1, 20, 55][how % 4] ?? 0;
        return;
      case "directory":
        this.#listing = [0, 0, 1.5, 8][how % 4] ?? 0;
        return;
      case "tick":
        this.house.tick = [1000, 250, 7, 1][how % 4] ?? 1000;
        return;
      case "dawdle":
        this.#dawdles = [3, 20, 62, 100, 130, 300, 590][how % 7] ?? 3;
        return;
      case "stall": {
        const one = { at: 1 + (more % 7), act: async () => this.house.pass([2, 4.5, 7, 30][how % 4] ?? 2) };
        this.#next = { ...this.#next, meanwhile: [...(this.#next.meanwhile ?? []), one] };
        return;
      }
      case "mishap":
        this.#next = {
          ...this.#next,
          dies: { at: 1 + (how % (more % 3 === 0 ? 25 : 4)), when: more % 2 === 0 ? "before" : "after" },
        };
        return;
      case "meanwhile": {
        const acts = [
          "sign",
          "go",
          "decide",
          "policies",
          "takeBack",
          "withdraw",
          "people",
          "deployPolicies",
          "submit",
          "sign",
          "lend",
          "pass",
          "passkey",
          "delegate",
          "rotate",
          "resend",
          "drift",
          "tell",
          "reconcile",
          "republish",
          "witness",
          "outcome",
        ] as const;
        const act = acts[how % acts.length] ?? "sign";
        const step = { what: act, who, how: more, more: how };
        const one = { at: 1 + (more % (how % 3 === 0 ? 40 : 7)), act: () => this.#attempt(step) };
        this.#next = { ...this.#next, meanwhile: [...(this.#next.meanwhile ?? []), one] };
        return;
      }
      default:
        return what satisfies never;
    }
  }

  /** As it mostly goes: somebody submits, everybody agrees, and nothing is wrong with it. */
  async #release(who: number, how: number, more: number): Promise<void> {
    const id = await this.#submit(who, how, more * 3 + 1);
    await this.settle(id);
    for (let looks = more % 3; looks > 0; looks -= 1) {
      await this.machines.pass(240);
      await this.settle(id);
    }
  }

  /** People agree, one of them on a condition, and perhaps an alarm is raised by which that is broken. */
  async #onCondition(id: PromotionId, more: number): Promise<void> {
    const least = more % 2 === 0 ? { errorPercent: 1 } : { trafficPercent: 50 };
    await this.settle(id, { forSeconds: 600, ...least });
    if (more % 3 === 0) return;
    this.platform.alarmed.add(id);
    await this.settle(id);
    this.platform.alarmed.delete(id);
  }

  async #submit(who: number, how: number, more: number): Promise<PromotionId> {
    const named = targets[who % targets.length] ?? "production";
    // Now and then by what it was called once.
    const target = named === "production" && how % 11 > 0 ? this.#rules.now.production : named;
    const model = how % 4 === 0 ? "mortgages" : "credit-scoring";
    const variant = more % 9 === 0 ? "weak" : "candidate";
    const changed: Record<string, string> =
      more % 3 === 0 ? { "infrastructure.json": `{"instances":${2 + (how % 3)}}` } : {};
    // Who started the pipeline's run, where CI says it.
    this.house.actor = [undefined, "4242", undefined, "77", undefined, "4007"][how % 9];
    const version = this.#rules.now.registry ? `${1 + (how % 5)}` : `2.${how % 3}.0`;
    const id = await this.house.submit(variant, version, changed, target, model);
    this.platform.registry.register(this.house.promotions.stored(id).manifest);
    return id;
  }

  /** Everybody who may approves, and the machine goes on, as far as that comes. */
  async settle(id: PromotionId, conditions?: ReleaseConditions): Promise<void> {
    for (let round = 0; round < 12; round += 1) {
      const where = this.machines.where(id);
      if (where === "done") return;
      if (where === "waiting") await this.people.approveAll(id, conditions);
      const target = this.house.promotions.stored(id).manifest.target.kind;
      const isDue = where === "deploy" || (where === "watch" && (target === "pipeline" || target === "webhook"));
      if (isDue) await this.machines.quietly(() => this.operations.report(id, 0));
      await this.machines.go(id);
    }
  }

  async #toDeadline(id: PromotionId, how: number): Promise<void> {
    const promotion = this.house.promotions.stored(id);
    const instants = [openStageOf(promotion)?.deadline, promotion.expiresAt, promotion.loan?.until].flatMap(
      (each) => each ?? [],
    );
    const at = instants[how % Math.max(1, instants.length)];
    if (at === undefined || hasEnded(promotion.status)) return;
    const away =
      (msOfInstant(at) - msOfInstant(this.house.clock) - this.house.tick) / 1000 +
      ([-60.001, -1, 0, 0, 1][more(how)] ?? 0);
    if (away > 0) await this.machines.pass(away);
  }

  /** Somebody makes something else serve, or nothing: an approved version of before perhaps. */
  #intrude(how: number, more: number): void {
    const all = this.house.promotions.all();
    const { target } = all[how % all.length]?.manifest ?? {};
    if (target === undefined || target.kind === "policy" || target.kind === "pipeline") return;
    const before = all.filter(({ deployment }) => deployment !== undefined).map(({ id }) => id);
    this.platform.put(target, ["quick-fix", undefined, before[more % Math.max(1, before.length)]][more % 3]);
  }

  async #drift(how: number, more: number): Promise<void> {
    const running = this.#ofStatus(["deployed", "restricted"])
      .map((id) => this.house.promotions.stored(id).manifest)
      .filter(({ target: { kind } }) => kind !== "policy");
    const { model, target } = running[how % Math.max(1, running.length)] ?? {};
    await this.house.drift(`{"psi":0.3${more % 3}}`, model?.name, target?.name ?? targets[how % targets.length]);
  }

  async #tell(who: number, how: number, many: number): Promise<void> {
    const { waiting } = this.stream;
    if (waiting.length === 0) return;
    if (many % 3 === 0) return this.stream.tell(waiting);
    const first = how % waiting.length;
    await this.stream.tell(
      [...waiting.slice(first), ...waiting.slice(0, first)].slice(0, 1 + (who % 3)),
      1 + (many % 4),
    );
  }

  /** The archive comes after. */
  async catchUp(): Promise<void> {
    await this.machines.goOnAll();
    while (this.stream.waiting.length > 0) await this.stream.tell(this.stream.waiting);
    await this.machines.pass(1000);
    while (this.stream.waiting.length > 0) await this.stream.tell(this.stream.waiting);
    while ((await this.stream.reconcile()) > 0) this.house.pass(1000);
    await this.stream.republish();
    await this.stream.cosign();
  }
}

function more(how: number): number {
  return Math.floor(how / 3) % 5;
}
