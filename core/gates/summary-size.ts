import { cutText } from "../encoding/cut-text.ts";
import type { CurvePoint } from "./facts.ts";

const textLength = 80;
const curvePoints = 50;
/** Of one kind; who reads a summary with as many says that there may be more. */
export const shownMeasures = 60;
/** Of one infrastructure plan, before it and after it; likewise. */
export const shownMachines = 10;

/** Text from evidence on one line, cut where it would make the summary long. */
export function clipped(text: string, length = textLength): string {
  // Control characters take six bytes each in JSON, and can turn a page's text around.
  const line = text.replaceAll(/[\p{Cc}\p{Cf}]/gu, " ");
  if (line.length <= length) return line;
  return `${cutText(line, length)}…`;
}

/** A place in a document, which names its document first and must stay of use when it is cut. */
export function clippedPlace(where: string): string {
  return clipped(where, 160);
}

/** Both ends of the curve and points at equal steps between them. */
export function thinnedCurve(curve: readonly CurvePoint[]): readonly CurvePoint[] {
  if (curve.length <= curvePoints) return curve;
  const step = (curve.length - 1) / (curvePoints - 1);
  return Array.from({ length: curvePoints }, (_, index) => curve[Math.round(index * step)]).filter(
    (point) => point !== undefined,
  );
}
