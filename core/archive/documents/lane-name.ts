/** Whether every promotion of a lane, which is a model in a target, is here, and all that it says of itself holds. */
export type LanesTold = (lane: string) => boolean;

/**
 * Where something of a lane runs: its target may have led to another place before, and what ran there runs beside what came since.
 */
export function roomName({ lane, place = "" }: { readonly lane: string; readonly place?: string | undefined }): string {
  return `${lane} ${place}`;
}

export function laneName(model: string, target: string): string {
  return `${model} in ${target}`;
}
