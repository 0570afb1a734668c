import type { TargetAccount } from "./target.ts";

/** The number of the account that a target is in; `undefined` where it is ours. */
export function accountNumber(account: TargetAccount | undefined): string | undefined {
  // arn:aws:iam::<account>:role/<name>
  return account?.role.split(":")[4];
}
