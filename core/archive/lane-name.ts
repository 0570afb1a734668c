/** Whether every promotion of a lane, which is a model in a target, is here, and all that it says of itself holds. */
export type LanesTold = (lane: string) => boolean;

export function laneName(model: string, target: string): string {
  return `${model} in ${target}`;
}
