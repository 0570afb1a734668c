import { jsonReader } from "../evidence-reader.ts";
import { type Gap, type ScanReading, severities } from "../facts.ts";
import { clause, gapAt, memberOf, numberOf, rootOf, whereOf } from "../json-places.ts";

/** A security scan in plain JSON: `counts.critical`, `.high`, `.medium` and `.low` are whole numbers of findings. */
export const plainSecurityScan = jsonReader("security-scan", "plain", (document, name) => {
  const scans: ScanReading[] = [];
  const gaps: Gap[] = [];
  for (const severity of severities) {
    const place = memberOf(memberOf(rootOf(document, name), "counts"), severity);
    const value = numberOf(place);
    if (value === undefined) gaps.push(gapAt(place, ["scan", severity]));
    else if (!Number.isSafeInteger(value) || value < 0)
      gaps.push({ subject: ["scan", severity], where: whereOf(place), why: `${clause(place)}, which is no count` });
    else scans.push({ severity, value, where: whereOf(place) });
  }
  return { scans, gaps };
});
