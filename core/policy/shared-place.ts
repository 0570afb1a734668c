import type { Targets } from "../approval/loading/load-targets.ts";
import { roomOf } from "../promotion/room.ts";

/** Two targets that are one place, and for which models. */
export interface SharedPlace {
  readonly first: string;
  readonly second: string;
  /** Absent: for every model. */
  readonly models?: readonly [string, string];
}

/**
 * Targets that lead to one place, where what one asks for could be got round by way of the other. Receivers of messages
 * and pipelines say in their own words what they deploy to, so nobody here can tell.
 * @param models the models that may be submitted
 */
export function sharedPlaces(targets: Targets, models: readonly string[]): readonly SharedPlace[] {
  const places = Object.entries(targets).flatMap(([name, rule]) => {
    const room = roomOf(rule);
    return room === undefined ? [] : [{ name, room, endpoint: rule.endpoint }];
  });
  return places.flatMap((second, index) =>
    places.slice(0, index).flatMap((first) => {
      if (first.room !== second.room) return [];
      const both = { first: first.name, second: second.name };
      if (endpointOf(first.endpoint, "{model}") === endpointOf(second.endpoint, "{model}")) return [both];
      const taken = new Map(models.map((model) => [endpointOf(first.endpoint, model), model]));
      const other = models.find((model) => taken.has(endpointOf(second.endpoint, model)));
      const model = other === undefined ? undefined : taken.get(endpointOf(second.endpoint, other));
      return model === undefined || other === undefined ? [] : [{ ...both, models: [model, other] as const }];
    }),
  );
}

/** SageMaker takes names that differ by their case alone for one, and Kubernetes has no capitals. */
function endpointOf(pattern: string, model: string): string {
  return pattern.replaceAll("{model}", model).toLowerCase();
}
