import { complain, type Place, textOf } from "../../encoding/policy-file.ts";
import { isTimeZone, mayBeTimeZone } from "../calendar.ts";

/**
 * A time zone such as Europe/Berlin, or UTC with a complaint. What was archived may name one that this runtime's database does not
 * have: whoever reads its times tells so.
 */
export function zoneOf(place: Place | undefined): string {
  const named = textOf(place, 60);
  if (place === undefined || named === "") return "UTC";
  if (place.file.reading === "archived" ? mayBeTimeZone(named) : isTimeZone(named)) return named;
  complain(place, `There is no time zone '${named}'; here stands a name such as Europe/Berlin.`);
  return "UTC";
}
