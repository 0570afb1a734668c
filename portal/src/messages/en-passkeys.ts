import type { PasskeyDeed } from "../../../core/attestation/passkey-statement.ts";
import type { NotMade } from "../passkeys/not-made.ts";

/** English, of the page about passkeys. */
export const passkeys = {
  heading: "My passkeys",
  lead: "A passkey signs your decisions a second time, with a key that only you hold. Some roles ask for one before you can approve.",
  own: "Yours",
  none: "You have no passkey yet.",
  add: "Add a passkey",
  addLead:
    "It can live in this device, in your phone or in a security key. Before it counts, somebody else who reviews here must confirm it: speak to them, so that they know it is yours.",
  name: "Name",
  nameMissing: "Please give it a name, to tell it from others.",
  make: "Make a passkey",
  made: "The passkey is made. Now it signs its own enrolment, and so do you.",
  notMade: {
    unanswered: "No passkey was made. Nothing was recorded; you can try again.",
    "has-one":
      "No passkey was made: this device or security key holds one of yours already, which stands below. Use another device, or revoke that one first.",
  } satisfies Record<NotMade, string>,
  unanswered: "The passkey did not answer. Nothing was recorded; you can try again.",
  unknown: "This browser knows no passkeys. Use a newer one.",
  others: "Waiting for a second person",
  othersLead:
    "Confirm a passkey only after the person has told you, face to face or by voice, how its number begins. Your sign-in signs the confirmation.",
  noOthers: "No passkey of anybody else waits.",
  older: "Only the newest passkeys were looked through. Whoever waits longer enrols another one.",
  counting: "Those of others that count",
  countingLead:
    "Where somebody has lost the device that holds theirs, or is not here any more, anybody who reviews here can revoke it. It signs nothing more then; what it signed stands.",
  showCounting: "Show them",
  moreCounting: "Show older ones",
  noCounting: "Nobody else's was found.",
  id: "Number",
  status: "Status",
  deeds: "Actions",
  owned: (owner: string, name: string) => `${owner}: ${name}`,
  confirm: "Confirm",
  revoke: "Revoke",
  show: "Show what I sign",
  sign: {
    enrol: {
      heading: "Enrol your passkey",
      lead: (name: string) =>
        `You enrol the passkey '${name}' as yours. It signs this too, once more than the sign-in.`,
      button: "Use it, and sign in to enrol it",
    },
    confirm: {
      heading: "Confirm a passkey",
      lead: (name: string, owner: string, begins: string) =>
        `You confirm that the passkey '${name}' is ${owner}'s, who told you that its number begins with ${begins}.`,
      button: "Sign in and confirm",
    },
    revoke: {
      heading: "Revoke a passkey",
      lead: (name: string, owner: string) => `You revoke the passkey '${name}' of ${owner}. It signs nothing more.`,
      button: "Sign in and revoke",
    },
  } satisfies Record<PasskeyDeed, unknown>,
  unconfirmed: "Not confirmed yet; enrolled",
  confirmedBy: (name: string) => `Confirmed by ${name}`,
  revokedBy: (name: string) => `Revoked by ${name}`,
  done: {
    enrol:
      "The passkey is enrolled. It counts once somebody else has confirmed it: tell them how its number below begins, face to face or by voice.",
    confirm: "The passkey is confirmed.",
    revoke: "The passkey is revoked, and counts no more.",
  } satisfies Record<PasskeyDeed, string>,
  neededNone:
    "Signing in this role needs a passkey of yours that somebody else has confirmed. Add one under My passkeys. Nothing was signed.",
  neededUnanswered: "Your passkey did not answer, and signing in this role needs it. Nothing was signed.",
};
