import { openStageOf } from "../../../../core/approval/promotion-approval.ts";
import type { DelegationDocument } from "../../../../core/attestation/delegation-statement.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import { type Member, sameIdentity } from "../../../../core/promotion/identity.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { ReleaseConditions } from "../../../../core/promotion/release-conditions.ts";
import { type Authenticator, authenticator } from "../../attestation/authenticator.ts";
import { cora, dana, type House, sam, tom } from "../house.ts";
import { issuer, member } from "../reviewers.ts";
import type { Machines } from "./machines.ts";

const ida = member("Ida", "incident-commanders");
const olaf = member("Olaf", "incident-commanders");
const cleo = member("Cleo", "compliance-officers");
const dora = member("Dora", "lead-data-scientists");
const sven = member("Sven", "sre", "lead-data-scientists");
const rita = member("Rita", "risk-officers");
const hanna = member("Hanna", "heads-of-risk");
const emil = member("Emil", "visitors");
/** Another account of Cora's: people.yaml may know that, and her address does. */
const corina = { ...member("Corina", "compliance-officers", "lead-data-scientists"), address: "Cora@Example.com" };
/** Another account of Sam's, which nobody knows to be his. */
const samuel = member("Samuel", "sre", "incident-commanders");
/** Whom a house has besides. */
export const others = [ida, olaf, cleo, dora, sven, rita, hanna, emil, corina, samuel];
const everybody = [cora, cleo, dana, dora, sam, sven, rita, hanna, ida, olaf, emil, tom, corina, samuel];

const devices = new Map(
  everybody.map(({ name }) => [name, [authenticator("ES256", name), authenticator("ES256", `${name}2`)]]),
);

/** For what somebody may stand in another's place. */
const scopes: readonly DelegationDocument["scope"][] = [
  { modelType: "credit-scoring" },
  { modelType: "credit-scoring" },
  { model: "credit-scoring" },
  { target: "production" },
  { model: "mortgages", modelType: "credit-scoring", target: "offers" },
];

/** What people write. */
export const texts = ["", "Not this one.", "=1+1", "\u00df \u221e \u202e"];

/** What people do: sign, reject, lend, stand in, enrol passkeys, leave and come back. */
export class People {
  readonly #house: House;
  readonly #machines: Machines;
  readonly #delegations: { readonly document: DelegationDocument; readonly id: Sha256; readonly by: Member }[] = [];
  readonly #loans = new Map<PromotionId, Sha256>();
  readonly #standing = new Map<Sha256, "enrolled" | "confirmed" | "revoked">();

  constructor(house: House, machines: Machines) {
    this.#house = house;
    this.#machines = machines;
  }

  #isHere({ name }: Member): boolean {
    return this.#house.people.some((each) => each.name === name);
  }

  /** The provider by which some still sign in, while a deployment goes over to another. */
  former: string | undefined;
  #issuer: string = issuer;

  /** Everybody signs in by another provider from now on, to which they are somebody else. */
  signInBy(iss: string): void {
    this.#issuer = iss;
    const { people } = this.#house;
    people.splice(0, people.length, ...people.map((each) => knownTo(iss, each)));
  }

  /** As the directory has them, and the identity provider. */
  now(who: Member): Member {
    const known = this.#house.people.find(({ name }) => name === who.name) ?? knownTo(this.#issuer, who);
    return this.former !== undefined && who.name.length % 2 === 0 ? knownTo(this.former, known) : known;
  }

  #withDevice({ name }: Member): { readonly device?: Authenticator } {
    const device = devices.get(name)?.find((each) => this.#standing.get(each.id) === "confirmed");
    return device === undefined ? {} : { device };
  }

  /** @param conditions on which the first of those who judge the model agrees */
  async approveAll(id: PromotionId, conditions?: ReleaseConditions): Promise<void> {
    for (const who of [cora, cleo, dana, dora, sam, sven, rita]) {
      if (openStageOf(this.#house.promotions.stored(id)) === undefined) return;
      if (!this.#isHere(who)) continue;
      await this.#machines.quietly(() =>
        this.#house.sign(id, this.now(who), "approve", {
          ...this.#withDevice(who),
          ...(conditions === undefined || who !== dana ? {} : { conditions }),
          unheard: true,
        }),
      );
      await this.#house.decide(id);
    }
  }

  async sign(id: PromotionId, how: number, more: number): Promise<void> {
    const who = everybody[how % everybody.length] ?? cora;
    const results = ["approve", "approve", "approve", "approve", "reject", "withdraw"] as const;
    const result = results[more % results.length] ?? "approve";
    const delegation = this.#delegations.find(({ document }) => document.delegate.subject === who.identity.subject);
    const conditions =
      more % 5 === 3
        ? { conditions: { forSeconds: 600, ...(more % 2 === 0 ? { trafficPercent: 10 } : { errorPercent: 1 }) } }
        : {};
    const reason = texts[more % texts.length] ?? "";
    await this.#house.sign(id, this.now(who), result, {
      reason: result === "reject" && reason === "" ? "No." : reason,
      ...this.#withDevice(who),
      ...(result === "approve" ? conditions : {}),
      ...(delegation === undefined
        ? {}
        : { inPlaceOf: { who: delegation.by, delegation: delegation.id, role: delegation.document.role } }),
      unheard: true,
    });
    if (more % 4 !== 0) await this.#house.decide(id);
  }

  /** Whoever signed takes that back, before or after somebody has counted it, and may think better of it. */
  async takeBack(id: PromotionId, how: number, more: number): Promise<void> {
    const house = this.#house;
    if (more % 3 === 0) await this.sign(id, how, 4);
    const given = (await house.promotions.signOffs(id)).filter(({ signOff }) => signOff.result === "approve");
    const reviewer = given[how % Math.max(1, given.length)]?.signOff.reviewer;
    const who = everybody.find((each) => reviewer !== undefined && sameIdentity(this.now(each).identity, reviewer));
    if (who === undefined) return;
    await house.sign(id, this.now(who), "withdraw", { ...this.#withDevice(who), unheard: true });
    if (how % 4 !== 0) await house.decide(id);
    if (more % 2 === 0) return;
    await house.sign(id, this.now(who), "approve", { ...this.#withDevice(who), unheard: true });
    await house.decide(id);
  }

  async lend(id: PromotionId, how: number, more: number): Promise<void> {
    const [first, second] = how % 2 === 0 ? [ida, olaf] : [olaf, ida];
    const seconds = [3600, 4 * 3600, 600][how % 3] ?? 3600;
    const asked = this.#loans.get(id);
    const { secondFactor } = this.#house.policies.matrix.roles["incident-commander"] ?? {};
    if (secondFactor !== undefined) for (const who of [first, second]) await this.#withPasskey(who, more);
    const lend = (who: Member, confirms?: Sha256) =>
      this.#house.lend(id, this.now(who), {
        seconds,
        ...this.#withDevice(who),
        ...(confirms === undefined ? {} : { confirms }),
        unheard: true,
      });
    if (asked === undefined || more % 3 === 0) {
      this.#loans.set(id, await lend(first));
      if (more % 7 === 3) await this.#revoke(first);
      if (more % 2 === 0) return;
    }
    const confirms = this.#loans.get(id);
    if (confirms === undefined) return;
    await lend(second, confirms);
    // Before anything comes of it.
    if (how % 5 === 2) await this.#revoke([first, second][more % 2] ?? first);
    await this.#house.decide(id);
  }

  /** Whoever has none enrols one, which another confirms. */
  async #withPasskey(who: Member, more: number): Promise<void> {
    if (this.#withDevice(who).device !== undefined) return;
    const device = devices.get(who.name)?.find((each) => !this.#standing.has(each.id));
    if (device === undefined) return;
    await this.#machines.quietly(async () => {
      await this.#house.passkey("enrol", device, this.now(who));
      this.#standing.set(device.id, "enrolled");
      await this.#house.passkey("confirm", device, this.now(who), this.now([cora, sam, dana][more % 3] ?? cora));
      this.#standing.set(device.id, "confirmed");
    });
  }

  async #revoke(who: Member): Promise<void> {
    const { device } = this.#withDevice(who);
    if (device === undefined) return;
    await this.#machines.quietly(async () => {
      await this.#house.passkey("revoke", device, this.now(who));
      this.#standing.set(device.id, "revoked");
    });
  }

  /** Whether an address was ever somebody else's, or another. */
  haveLinked = false;

  comeAndGo(who: number, how: number): void {
    const { people } = this.#house;
    const wanted = knownTo(this.#issuer, everybody[who % everybody.length] ?? cora);
    const at = people.findIndex(({ name }) => name === wanted.name);
    const now = people[at];
    if (now === undefined) {
      people.push(wanted);
    } else if (how % 7 === 0) {
      people.splice(at, 1);
    } else if (how % 7 === 1) {
      people[at] = { ...now, groups: [] };
    } else if (how % 7 === 2) {
      people[at] = { ...now, enabled: !now.enabled };
    } else if (how % 7 === 3) {
      // An account made anew, to which nobody has given the one before.
      people[at] = { ...wanted, identity: { ...wanted.identity, subject: `${wanted.identity.subject}-again` } };
    } else if (how % 7 === 4) {
      this.haveLinked = true;
      people[at] = { ...now, address: `${now.name.toLowerCase()}.married@example.com` };
    } else if (how % 7 === 5) {
      // Two of them read what comes to one address.
      this.haveLinked = true;
      people[at] = { ...now, address: (everybody[how % everybody.length] ?? cora).address };
    } else {
      people[at] = wanted;
    }
  }

  async passkey(who: number, how: number, more: number): Promise<void> {
    const owner = everybody[who % everybody.length] ?? sam;
    const device = devices.get(owner.name)?.[how % 2];
    if (device === undefined) return;
    const standing = this.#standing.get(device.id);
    const by = [cora, sam, dana][more % 3] ?? cora;
    if (standing === undefined) {
      await this.#house.passkey("enrol", device, this.now(owner));
      this.#standing.set(device.id, "enrolled");
      if (more % 4 === 0) return;
    }
    if (this.#standing.get(device.id) === "enrolled") {
      await this.#house.passkey("confirm", device, this.now(owner), this.now(by));
      this.#standing.set(device.id, "confirmed");
    } else if (standing === "confirmed" && more % 3 === 0) {
      await this.#house.passkey("revoke", device, this.now(owner));
      this.#standing.set(device.id, "revoked");
    }
  }

  async delegate(who: number, how: number, more: number, renamed: boolean): Promise<void> {
    if (more % 3 === 0 && this.#delegations.length > 0) {
      const given = this.#delegations[how % this.#delegations.length];
      if (given !== undefined) await this.#house.delegate("revoke", given.document, this.now(given.by));
      return;
    }
    // Whoever stands in for somebody tries to hand that on.
    const by = this.now((how % 5 === 4 ? [emil, dora, ida] : [dana, sam, cora])[who % 3] ?? dana);
    const role =
      [["lead-data-scientist"], [renamed ? "reliability" : "sre"], ["compliance-officer"]][who % 3]?.[0] ?? "";
    const delegate = this.now([emil, dora, ida, corina][how % 4] ?? emil);
    const from = addSeconds(this.#house.clock, [0, 0, 600, 30 * 86_400][how % 4] ?? 0);
    const document: DelegationDocument = {
      delegator: by.identity,
      delegate: delegate.identity,
      role,
      scope: scopes[more % scopes.length] ?? {},
      from,
      until: addSeconds(from, [3600, 86_400, 7 * 86_400][more % 3] ?? 3600),
      reason: texts[more % texts.length] ?? "",
      salt: "AAAAAAAAAAAAAAAAAAAAAA",
    };
    const id = await this.#house.delegate("delegate", document, this.now(by), this.#withDevice(by).device);
    this.#delegations.push({ document, id, by });
  }
}

/** The same person, as another provider knows them. */
function knownTo(iss: string, who: Member): Member {
  return { ...who, identity: { ...who.identity, issuer: iss } };
}
