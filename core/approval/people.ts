import type { Identity } from "../promotion/identity.ts";

/** An account at a code host, by its numeric id. */
export interface Account {
  readonly provider: "github" | "gitlab";
  readonly id: string;
}

/** What links the names that CI knows a person by to the organisation's directory: one entry of people.yaml. */
export interface Person {
  readonly name: string;
  /** In normal form; the one in the directory and those that the person commits with. */
  readonly addresses: readonly string[];
  readonly accounts: readonly Account[];
  readonly identities: readonly Identity[];
  /** Nobody in the directory: a supplier, or somebody who left. Such a person need not be found there. */
  readonly outside: boolean;
  /** Their user id in Slack, with or without their workspace before it (`T…/U…`): whoever presses a button there is this person. It tells nothing about a candidate's authors. */
  readonly slack?: string;
}
