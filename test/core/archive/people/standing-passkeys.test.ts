import { describe, expect, it } from "vitest";
import { withPasskeysAt } from "../../../../core/archive/people/standing-passkeys.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { deployed } from "../told-review.ts";

const signOff =
  deployed.held.map((each) => each.signOff).find(({ passkey }) => passkey !== undefined) ??
  expect.unreachable("Nobody signed with a passkey.");
const { recordedAt, passkey: use = expect.unreachable() } = signOff;
const told = deployed.passkeys.get(use.id);
if (told?.confirmed === undefined) throw new Error("The passkey is not there.");
const { confirmed, ...unconfirmed } = told;

/** Whether its passkey counts so many seconds after it signed, where it was confirmed and revoked so many seconds after that. */
function counts(seconds: number, confirmedAfter: number | undefined, revokedAfter?: number): boolean {
  const passkey = {
    ...unconfirmed,
    ...(confirmedAfter === undefined
      ? {}
      : { confirmed: { ...confirmed, recordedAt: addSeconds(recordedAt, confirmedAfter) } }),
    ...(revokedAfter === undefined
      ? {}
      : { revoked: { ...confirmed, deed: "revoke" as const, recordedAt: addSeconds(recordedAt, revokedAfter) } }),
  };
  const [then] = withPasskeysAt([signOff], new Map([[use.id, passkey]]), addSeconds(recordedAt, seconds));
  return then !== undefined && "passkey" in then;
}

describe("a passkey that signed", () => {
  it("counts where it was confirmed before", () => {
    expect(counts(60, -60)).toBe(true);
    expect(counts(60, undefined)).toBe(false);
  });

  it("counts within seconds of its confirmation, as of when it signed", () => {
    expect(counts(1, 0)).toBe(true);
    expect(counts(1, -1)).toBe(true);
    expect(counts(1, 1)).toBe(false);
    expect(counts(1, undefined)).toBe(false);
  });

  it("counts as long as it was not surely revoked", () => {
    expect(counts(60, -60, 53)).toBe(true);
    expect(counts(60, -60, 52)).toBe(false);
    expect(counts(2, -60, 1)).toBe(true);
    expect(counts(2, -60, -6)).toBe(false);
  });

  it("counts for nothing where nobody knows it, and what is signed without one stays as it is", () => {
    const { passkey: _, ...without } = signOff;
    expect(withPasskeysAt([signOff], new Map(), recordedAt)).toEqual([without]);
    expect(withPasskeysAt([without], new Map(), recordedAt)).toEqual([without]);
  });
});
