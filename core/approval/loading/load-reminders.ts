import { complain, fieldsOf, itemsOf, list, type Place, secondsOf, slugOf } from "../../encoding/policy-file.ts";
import { findRole, rolesOfRule } from "../entitlement.ts";
import type { Matrix, Role } from "../matrix.ts";
import type { Reminders, WorkingHours } from "../reminders.ts";
import { zoneOf } from "./load-zone.ts";

const days: readonly string[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const longest = 30 * 86_400;

type Asked = Pick<Matrix, "roles" | "rules">;

/** Reads `reminders`. `asked`: the roles that the matrix defines, and what asks for them. */
export function remindersOf(place: Place | undefined, asked: Asked): Reminders | undefined {
  if (place === undefined) return undefined;
  const fields = fieldsOf(place, ["every"], ["workingHours", "escalation"]);
  return {
    everySeconds: secondsOf(fields.every, 3600, longest),
    ...(fields.workingHours === undefined ? {} : { workingHours: workingHoursOf(fields.workingHours) }),
    ...(fields.escalation === undefined ? {} : { escalation: escalationOf(fields.escalation, asked) }),
  };
}

function escalationOf(place: Place, asked: Asked): NonNullable<Reminders["escalation"]> {
  const fields = fieldsOf(place, ["after", "to"], ["mayFill"]);
  const to = slugOf(fields.to);
  const roles = Object.keys(asked.roles);
  if (fields.to !== undefined && to !== "" && !roles.includes(to))
    complain(fields.to, `There is no role '${to}'; known are ${list(roles)}.`);
  const { mayFill } = fields;
  if (mayFill !== undefined && typeof mayFill.value !== "boolean") complain(mayFill, "This must be true or false.");
  const may = mayFill?.value === true ? ({ mayFill: true } as const) : {};
  if (mayFill?.value === true) refuseWeaker(mayFill, to, asked);
  return { afterSeconds: secondsOf(fields.after, 3600, longest), to, ...may };
}

/** Waiting must not be a way round what a role asks of those who sign in it. */
function refuseWeaker(place: Place, to: string, { roles, rules }: Asked): void {
  const escalated = findRole(roles, to);
  if (escalated === undefined) return;
  const weaker = [...new Set(rules.flatMap(rolesOfRule))].filter((name) => {
    const role = findRole(roles, name);
    return role !== undefined && !isAsStrict(escalated, role);
  });
  if (weaker.length === 0) return;
  complain(
    place,
    `The role '${to}' may not fill seats of the role ${list(weaker)}, which asks for a stricter way of signing: ask for it there too.`,
  );
}

/** Whether every approval that one role takes is signed as the other asks for. */
function isAsStrict({ secondFactor, signIn }: Role, other: Role): boolean {
  const { acr, amr = [] } = other.signIn ?? {};
  return (
    (other.secondFactor === undefined || secondFactor === other.secondFactor) &&
    (acr === undefined || signIn?.acr?.every((each) => acr.includes(each)) === true) &&
    amr.every((method) => signIn?.amr?.includes(method) === true)
  );
}

function workingHoursOf(place: Place): WorkingHours {
  const fields = fieldsOf(place, ["timeZone", "from", "to", "days"]);
  const [from, to] = [minuteOf(fields.from), minuteOf(fields.to)];
  if (fields.from !== undefined && fields.to !== undefined && from >= to)
    complain(fields.to, "The working day ends before it begins.");
  return {
    zone: zoneOf(fields.timeZone),
    from,
    to,
    days: fields.days === undefined ? [] : itemsOf(fields.days).map(dayOf),
  };
}

function dayOf(place: Place): number {
  const day = typeof place.value === "string" ? days.indexOf(place.value) : -1;
  if (day < 0) complain(place, `This must be a day: ${list(days)}.`);
  return Math.max(0, day);
}

/** `09:00`, up to `24:00` */
function minuteOf(place: Place | undefined): number {
  const match = typeof place?.value === "string" ? /^([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(place.value) : null;
  if (match !== null) return Number(match[1]) * 60 + Number(match[2]);
  if (place?.value === "24:00") return 1440;
  if (place !== undefined) complain(place, "This must be a time such as '09:00'.");
  return 0;
}
