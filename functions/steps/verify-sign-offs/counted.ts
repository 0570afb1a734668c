import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import type { CarriedSignOff, Promotion } from "../../../core/promotion/promotion.ts";

/** What is kept as it was recorded first, which is what its signatures are verified for; what is not there is not kept. */
export function asRecorded(
  carried: readonly CarriedSignOff[],
  recorded: readonly RecordedSignOff[],
): readonly CarriedSignOff[] {
  return carried.flatMap((each) => {
    const original = recorded.find(({ signOff }) => signOff.id === each.signOff.id);
    return original === undefined ? [] : [{ ...each, signOff: original.signOff }];
  });
}

/** The sign-offs that fill the seats. One that is named and not there is a seat that nobody can vouch for. */
export function countedOf(promotion: Promotion, recorded: readonly RecordedSignOff[]): readonly RecordedSignOff[] {
  return promotion.settled.flatMap(({ seats }) =>
    seats.flatMap((seat) => recorded.filter(({ signOff }) => signOff.id === seat.signOff)),
  );
}
