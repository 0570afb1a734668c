import type { DynamoDBStreamEvent } from "aws-lambda";
import { hex, utf8 } from "../../../../core/encoding/bytes.ts";
import { type Instant, instantFromMs, msOfInstant } from "../../../../core/encoding/instant.ts";
import { type Checkpoint, type CheckpointSigner, parseCheckpoint } from "../../../../core/ledger/checkpoint.ts";
import { cosignPublished, type Witness } from "../../../../core/ledger/cosign.ts";
import { noteKey } from "../../../../core/ledger/note-key.ts";
import { republishCheckpoint, sequence } from "../../../../core/ledger/sequence.ts";
import type { SequencerPorts } from "../../../../core/ledger/sequencer-ports.ts";
import { addCheckpoint, type WitnessedHead } from "../../../../core/ledger/witness.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { type ArchiveFactsPorts, archiveFacts } from "../../../../functions/ledger/archive-facts.ts";
import { foundationsOf } from "../../../../functions/ledger/foundations.ts";
import { factsIn, type Stored } from "../../../../functions/ledger/stored-facts.ts";
import { archive } from "../../../../functions/streams/archive/handler.ts";
import { testSigner, verifyEd25519 } from "../../ledger/ed25519.ts";
import { MemoryLedger } from "../../ledger/memory-ledger.ts";
import type { House } from "../house.ts";
import type { Tables, Turns } from "./turns.ts";

const witnessSigner = testSigner("witness.example/w1", 9);
/** By whom the log's heads are cosigned now and then. */
export const witnessKey = noteKey(witnessSigner.origin, "cosignature/v1", witnessSigner.publicKey);

/** An item of the table was written: what the stream tells of it. */
interface Written {
  readonly at: number;
  readonly before?: Stored;
  readonly after: Stored;
}

/**
 * The stream of the promotions table and the ledger behind it. Of one partition key the stream tells in order; how soon each
 * is told is chance. What was told may be told again.
 */
export class Stream {
  readonly log = new MemoryLedger();
  /** By partition key, in the order in which it was written. */
  readonly #waiting = new Map<string, Written[]>();
  readonly #told: Written[][] = [];
  /** Partition keys of which some are told at this moment: none is told twice at once. */
  readonly #underWay = new Set<string>();
  readonly #house: House;
  readonly #turns: Turns;
  /** Whose key signs checkpoints. */
  signer: CheckpointSigner = MemoryLedger.signer;
  #keyEntry: string | undefined;
  /** Those that are known, the newest first. */
  keysHeld: readonly Uint8Array[] = [MemoryLedger.signer.publicKey];
  /** What the log begins with. */
  readonly begun: readonly Fact[];
  /** What those who write letters are yet to be told of. */
  readonly announced: Parameters<ArchiveFactsPorts["announce"]>[0][number][] = [];
  /** Each checkpoint that somebody may have kept. */
  readonly heads: { readonly bytes: Uint8Array; readonly checkpoint: Checkpoint }[] = [];

  constructor(house: House, turns: Turns) {
    this.#house = house;
    this.#turns = turns;
    this.begun = [...house.facts];
    this.#follow(house, turns);
  }

  /** Another key signs from now on, once the log tells of it by this entry. */
  signsBy(signer: CheckpointSigner = this.signer, keyEntry: string): void {
    this.signer = signer;
    this.#keyEntry = keyEntry;
  }

  /** Partition keys of which something waits. */
  get waiting(): readonly string[] {
    return [...this.#waiting.keys()].filter((key) => !this.#underWay.has(key));
  }

  /** For how many seconds the oldest waits. */
  get waitsFor(): number {
    const oldest = [...this.#waiting.values()].flatMap(([first]) => first?.at ?? []);
    return oldest.length === 0 ? 0 : (msOfInstant(this.#house.clock) - Math.min(...oldest)) / 1000;
  }

  /** The archive is told the next of some partition keys. Of what it dies of, it is told again. */
  async tell(keys: readonly string[], most = Number.POSITIVE_INFINITY): Promise<void> {
    const taken = keys.flatMap((key) => {
      const next = this.#underWay.has(key) ? [] : (this.#waiting.get(key) ?? []).slice(0, most);
      return next.length === 0 ? [] : [{ key, next }];
    });
    const batch = taken.flatMap(({ next }) => next);
    for (const { key } of taken) this.#underWay.add(key);
    try {
      await this.#archive(batch);
    } finally {
      for (const { key } of taken) this.#underWay.delete(key);
    }
    this.#told.push(batch);
    for (const { key, next } of taken) {
      const left = (this.#waiting.get(key) ?? []).slice(next.length);
      if (left.length === 0) this.#waiting.delete(key);
      else this.#waiting.set(key, left);
    }
  }

  /** Whether the ledger has something of a promotion. */
  isTold(id: PromotionId): boolean {
    return this.log.markers.has(`${id}/0`);
  }

  /** Once more, what was told before. */
  async tellAgain(which: number): Promise<void> {
    const batch = this.#told[which % Math.max(1, this.#told.length)];
    if (batch !== undefined) await this.#archive(batch);
  }

  /** By so many seconds the table's indexes are behind of it. */
  indexBehind = 0;

  /** So much was given up. */
  lost = 0;

  /** It was tried for a day: nobody tells it any more. */
  giveUp(key: string): void {
    if (this.#underWay.has(key)) return;
    this.lost += this.#waiting.get(key)?.length ?? 0;
    this.#waiting.delete(key);
  }

  async republish(): Promise<void> {
    this.#setClock();
    await republishCheckpoint(this.#ports());
    this.#keepHead();
  }

  /** A witness is shown the head. */
  async cosign(): Promise<void> {
    const { objects } = this.log.ports();
    const clock = () => this.#house.hostClock;
    await cosignPublished({
      objects,
      witnesses: [{ key: witnessKey, send: this.#witness }],
      verify: verifyEd25519,
      clock,
    });
    this.#keepHead();
  }

  /** Whether the witness has cosigned the head. */
  isWitnessed = false;
  #witnessed: WitnessedHead | undefined;

  readonly #witness: Witness["send"] = async (body) => {
    const answer = await addCheckpoint(body, {
      logs: new Map([[this.signer.origin, this.keysHeld]]),
      heads: {
        load: async () => this.#witnessed,
        move: async (_, __, next) => {
          this.#witnessed = next;
          return "moved";
        },
      },
      ...{ key: witnessKey, sign: witnessSigner.sign, verify: verifyEd25519, clock: () => this.#house.hostClock },
    });
    if ("lines" in answer) return { status: 200, body: utf8(answer.lines) };
    return "size" in answer ? { status: 409, body: utf8(`${answer.size}\n`) } : { status: 422, body: utf8("") };
  };

  async #archive(batch: readonly Written[]): Promise<void> {
    this.#setClock();
    const { store } = this.#ledger();
    const event = { Records: batch.map(({ before, after }) => ({ dynamodb: { NewImage: after, OldImage: before } })) };
    await archive({
      ...this.#archivePorts(),
      log: (level, message, fields) => {
        if (level === "error" && message !== "record given up before")
          throw new Error(`${message} ${JSON.stringify(fields)}`);
      },
      read: (image) => image as Stored,
      inLedger: store.markers,
    })(event as unknown as DynamoDBStreamEvent);
    this.#keepHead();
  }

  /** What the table holds and the ledger lacks, as the reconciliation appends it. */
  async reconcile(): Promise<number> {
    const latest = msOfInstant(this.#house.clock) - 900_000;
    const { store } = this.log.ports();
    let missing = 0;
    for (const item of this.items()) {
      const facts = factsIn(item).filter(({ at }) => msOfInstant(at) <= latest);
      const known = await store.markers(facts.map(({ id }) => id));
      const lacking = facts.filter(({ id }) => !known.has(id));
      missing += lacking.length;
      if (lacking.length > 0) {
        this.#setClock();
        await archiveFacts(this.#archivePorts(), lacking, [item]);
      }
    }
    this.#keepHead();
    return missing;
  }

  #ports(): SequencerPorts {
    const keyEntry = this.#keyEntry;
    return { ...this.#ledger(), signer: this.signer, ...(keyEntry === undefined ? {} : { keyEntry }) };
  }

  /** The table and the bucket of the log, between whose calls others may come, or the one who makes them dies. */
  #ledger(): SequencerPorts {
    return this.log.ports(async (_, act) => {
      const outcome = await this.#turns.wrap(async () => act())();
      this.#setClock();
      return outcome;
    });
  }

  #archivePorts(): ArchiveFactsPorts {
    return {
      inLedger: this.log.ports().store.markers,
      historyOf: async (id) => (await this.#house.promotions.load(id))?.history ?? [],
      installation: async () => [
        ...this.begun,
        ...this.#house.facts.filter((fact) => fact.type === "installation" && !this.begun.includes(fact)),
      ],
      keyFacts: this.#house.promotions.keyFacts,
      foundations: foundationsOf({
        inLedger: this.log.ports().store.markers,
        itemOf: async ({ id }) => this.items().find((each) => factsIn(each).some((fact) => fact.id === id)),
      }),
      blobs: { put: this.#house.keepBlob },
      sequence: (entries) => sequence(entries, this.#ports()),
      announce: async (announcements) => {
        await this.#turns.called();
        this.announced.push(...announcements);
      },
    };
  }

  readonly #items = new Map<string, Stored>();
  items(): readonly Stored[] {
    return [...this.#items.values()];
  }

  #setClock(): void {
    this.log.now = Math.max(this.log.now, msOfInstant(this.#house.hostClock));
  }

  #keepHead(): void {
    const { alias } = this.log;
    if (alias === undefined) return;
    const { checkpoint, note } = parseCheckpoint(alias.bytes);
    this.isWitnessed = note.signatures.some(({ name }) => name === witnessKey.name);
    if (this.heads.at(-1)?.checkpoint.size === checkpoint.size) return;
    this.heads.push({ bytes: alias.bytes, checkpoint });
  }

  #wrote(key: string, item: string, after: Stored, before?: Stored): void {
    this.#items.set(item, after);
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, [
      ...waiting,
      { at: msOfInstant(this.#house.clock), after, ...(before === undefined ? {} : { before }) },
    ]);
  }

  #follow({ promotions, lanes, passkeys, delegations, loanBooks }: Tables, turns: Turns): void {
    const versions = new Map<string, { readonly at: number; readonly promotion: Promotion }[]>();
    const moved = (next: Promotion) => {
      const known = versions.get(next.id) ?? [];
      const before = known.at(-1)?.promotion;
      versions.set(next.id, [...known, { at: msOfInstant(this.#house.clock), promotion: next }]);
      this.#wrote(
        `PROMOTION#${next.id}`,
        next.id,
        { kind: "promotion", promotion: next },
        before === undefined ? undefined : { kind: "promotion", promotion: before },
      );
    };
    const indexed = () => {
      const until = msOfInstant(this.#house.clock) - this.indexBehind * 1000;
      return [...versions.values()].flatMap((known) => known.findLast(({ at }) => at <= until)?.promotion ?? []);
    };
    Object.assign(promotions, {
      indexed,
      list: turns.reading(promotions.list),
      load: turns.reading(promotions.load),
      signOffs: turns.reading(promotions.signOffs),
      create: turns.wrap(promotions.create, (outcome, next) => void (outcome === "created" && moved(next))),
      move: turns.wrap(promotions.move, (outcome, next) => void (outcome === "moved" && moved(next))),
      recordSignOff: turns.wrap(promotions.recordSignOff, (outcome, recorded, next) => {
        if (outcome !== "recorded") return;
        const { id, promotion } = recorded.signOff;
        this.#wrote(`PROMOTION#${promotion}`, id, { kind: "sign-off", recorded });
        if (next !== undefined) moved(next);
      }),
      recordLoan: turns.wrap(promotions.recordLoan, (outcome, recorded) => {
        const { id, promotion } = recorded.signature;
        if (outcome === "recorded") this.#wrote(`PROMOTION#${promotion}`, id, { kind: "loan", recorded });
      }),
      recordFact: turns.wrap(promotions.recordFact, (outcome, fact) => {
        const key = fact.promotion === undefined ? "INSTALLATION" : `PROMOTION#${fact.promotion}`;
        if (outcome === "recorded") this.#wrote(key, fact.id, { kind: "fact", fact });
      }),
    });
    Object.assign(lanes, { load: turns.reading(lanes.load), move: turns.wrap(lanes.move) });
    Object.assign(loanBooks, { load: turns.reading(loanBooks.load), move: turns.wrap(loanBooks.move) });
    Object.assign(passkeys, {
      record: turns.wrap(passkeys.record, (outcome, deed) => {
        if (outcome === "recorded") this.#wrote("PASSKEYS", `${deed.id} ${deed.deed}`, { kind: "passkey", deed });
      }),
    });
    Object.assign(delegations, {
      record: turns.wrap(delegations.record, (outcome, deed) => {
        if (outcome === "recorded") this.#wrote("DELEGATIONS", `${deed.id} ${deed.deed}`, { kind: "delegation", deed });
      }),
    });
  }

  /** As late as the log was signed. */
  get signedAt(): Instant {
    return instantFromMs(this.log.now);
  }

  get root(): string {
    return hex(this.heads.at(-1)?.checkpoint.root ?? new Uint8Array());
  }
}
