import type { DelegationDeed } from "../../../core/attestation/delegation-statement.ts";
import type { DelegationFlaw } from "../absence/compose-delegation.ts";
import type { DelegationState } from "../absence/delegation-state.ts";

/** English, of the page about absence and delegation. */
export const absence = {
  heading: "Absence and delegation",
  lead: "While you are away you are not asked to review. Somebody can sign in your place meanwhile, where you let them.",
  away: {
    heading: "When you are away",
    none: "You are not away.",
    away: "You are away, and not asked,",
    lastDay: "Last day away",
    mark: "I am away",
    back: "I am back",
    missing: "Choose the last day on which you are away; it must not be over.",
    saved: "Saved.",
    note: "Whoever looks at a review sees that you are away. You may sign all the same. Why you are away is not asked, and when you were is not kept.",
  },
  given: { heading: "Who signs in your place", none: "Nobody signs in your place." },
  taken: { heading: "In whose place you sign", none: "You sign in nobody's place." },
  person: "Person",
  role: "Role",
  scope: "For",
  time: "When",
  state: "State",
  deeds: "Actions",
  anything: "any model",
  model: (name: string) => `the model ${name}`,
  modelType: (type: string) => `models of type ${type}`,
  target: (name: string) => `the target ${name}`,
  states: {
    "in-force": "In force",
    planned: "Planned",
    over: "Over",
    revoked: "Revoked",
  } satisfies Record<DelegationState, string>,
  past: (number: number) => `${number} that ${number === 1 ? "is" : "are"} over`,
  revoke: "Revoke",
  form: {
    heading: "Let somebody sign in your place",
    lead: "The two of you have one seat together. Nobody may approve, in anybody's place, a candidate that they or the person they sign for had a hand in. It ends after its last day, 90 days on at most, when you revoke it, or when you lose the role.",
    noRole: "You hold no role, so there is nothing that somebody could sign in your place.",
    nobody: "There is nobody else who could sign in your place.",
    person: "Who signs",
    role: "In the role",
    model: "Only for the model",
    modelType: "Only for models of type",
    target: "Only for the target",
    any: "any",
    choose: "Choose a person",
    from: "First day",
    until: "Last day",
    reason: "Reason",
    reasonHint: "It is kept for good and read by auditors.",
    next: "Show what I sign",
  },
  flaws: {
    "no-person": "Choose who signs in your place.",
    "no-days": "Choose the first day and the last one.",
    "days-reversed": "The last day is before the first, or over.",
    "too-long": "A delegation lasts 90 days at most; whoever is away for longer gives the role up.",
    "too-far-ahead": "A delegation begins within 90 days from now: sign it when that day is nearer.",
  } satisfies Record<DelegationFlaw, string>,
  from: "from",
  sign: {
    delegate: {
      lead: (person: string, role: string, scope: string) => `${person} signs in your place as ${role}, for ${scope},`,
      taken: (person: string, role: string, scope: string) => `You sign in ${person}'s place as ${role}, for ${scope},`,
      button: "Sign in and delegate",
    },
    revoke: {
      lead: (person: string, role: string, scope: string) =>
        `${person} no longer signs in your place as ${role}, for ${scope},`,
      taken: (person: string, role: string, scope: string) =>
        `You no longer sign in ${person}'s place as ${role}, for ${scope},`,
      button: "Sign in and revoke",
    },
  } satisfies Record<DelegationDeed, unknown>,
  revoking: "Revoke a delegation",
  done: {
    delegate: "The delegation is recorded.",
    revoke: "The delegation is revoked. What was signed under it before stands.",
  } satisfies Record<DelegationDeed, string>,
};
