import { republishCheckpoint } from "../../../core/ledger/sequence.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { cora, House, shipped, shippedWith } from "./house.ts";
import { type Files, ledgerOf, packOf } from "./memory-pack.ts";

const { "matrix.yaml": matrix } = shipped.bundle.texts;

/** A house whose first stage asks for an hour of review. */
export function askingForAnHour(): House {
  const asking = matrix.replace("      - name: compliance\n", "      - name: compliance\n        minimumReview: 1h\n");
  return new House(undefined, shippedWith(asking));
}

/** A log that has so many of a house's facts at once, is signed again for hours, and has the others then. */
export async function afterRest(house: House, before: number): Promise<Files> {
  const log = new MemoryLedger();
  await ledgerOf(house.facts.slice(0, before), house.blobs, undefined, log);
  for (let hour = 0; hour < 8; hour += 1) {
    log.now += 3_600_000;
    await republishCheckpoint(log.ports());
  }
  return await packOf({ house }, { facts: house.facts.slice(before), log });
}

/** A stage that says it was open for hours, and came into the log with its first approval; and its log if that is true. */
export async function packsOfRest(): Promise<{
  readonly lying: Files;
  readonly honest: Files;
  readonly place: number;
}> {
  const house = askingForAnHour();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  const place = house.facts.length;
  await house.openStage(id);
  house.pass(8 * 3600);
  await house.sign(id, cora);
  return { lying: await afterRest(house, place), honest: await packOf({ house }), place };
}
