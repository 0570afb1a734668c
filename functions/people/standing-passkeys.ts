import {
  type Passkey,
  passkeysOf,
  type RecordedPasskeyDeed,
  timesOf,
} from "../../core/attestation/recorded-passkey.ts";
import { confirmedByOwner } from "../../core/attestation/refuse-passkey.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import type { SignOff } from "../../core/promotion/sign-off.ts";

export interface PasskeyDeeds {
  /** What was done about one passkey. */
  deeds(id: Sha256): Promise<readonly RecordedPasskeyDeed[]>;
}

/** The passkeys that sign-offs name, by id, as far as they were ever enrolled. */
export async function passkeysIn(
  signOffs: readonly Pick<SignOff, "passkey">[],
  store: PasskeyDeeds,
): Promise<ReadonlyMap<Sha256, Passkey>> {
  const ids = new Set(signOffs.flatMap(({ passkey }) => (passkey === undefined ? [] : [passkey.id])));
  const found = new Map<Sha256, Passkey>();
  for (const id of ids) for (const passkey of passkeysOf(await store.deeds(id))) found.set(id, passkey);
  return found;
}

/** When each passkey was confirmed and revoked. A confirmation by the owner under another identity is none. */
export function standingOf(
  passkeys: ReadonlyMap<Sha256, Passkey>,
  rules: Parameters<typeof confirmedByOwner>[2],
): ReadonlyMap<Sha256, ReturnType<typeof timesOf>> {
  return new Map(
    [...passkeys].map(([id, passkey]) => {
      const { confirmed } = passkey;
      const own = confirmed !== undefined && confirmedByOwner(passkey, confirmed, rules);
      const { confirmedAt: _, ...unconfirmed } = timesOf(passkey);
      return [id, own ? unconfirmed : timesOf(passkey)];
    }),
  );
}
