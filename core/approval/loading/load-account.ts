import { complain, fieldsOf, type Place, textOf } from "../../encoding/policy-file.ts";
import type { ServingAccount, TargetAccount } from "../../promotion/target.ts";

/** Reads how one comes to work in the account that a cluster is in. */
export function accountOf(place: Place): TargetAccount {
  return entryOf(fieldsOf(place, ["role", "externalId"]));
}

/** The same of one in which SageMaker serves. */
export function servingAccountOf(place: Place): ServingAccount {
  const { servingRole, ...entry } = fieldsOf(place, ["role", "externalId", "servingRole"]);
  return { ...entryOf(entry), servingRole: roleOf(servingRole) };
}

function entryOf({ role, externalId }: Readonly<Partial<Record<"role" | "externalId", Place>>>): TargetAccount {
  const id = textOf(externalId, 200);
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,}$/.test(id))
    complain(externalId, "This must be an external id: two characters or more, without blanks.");
  return { role: roleOf(role), externalId: id };
}

function roleOf(place: Place | undefined): string {
  const arn = textOf(place, 200);
  if (place !== undefined && !/^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[\w+=,.@/-]+$/.test(arn))
    complain(place, "This must be the ARN of a role.");
  return arn;
}
