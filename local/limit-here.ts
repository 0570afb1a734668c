import { availableParallelism, loadavg } from "node:os";

/**
 * A time limit of AWS, in milliseconds, as it is on this machine. There a function has a processor to itself; here all of them
 * share this machine's with whatever else runs on it. The load of the last minute says among how many; four times the
 * limit at most, so that what hangs is cut off. (Windows tells no load: there the limit is as it is.)
 */
export function limitHere(milliseconds: number): number {
  const [load = 0] = loadavg();
  return stretched(milliseconds, load / availableParallelism());
}

export function stretched(milliseconds: number, sharedBy: number): number {
  return Math.round(milliseconds * Math.min(4, Math.max(1, sharedBy)));
}
