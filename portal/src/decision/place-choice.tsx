import { messages } from "../messages/catalogue.ts";
import { Apart } from "../ui/text.tsx";
import type { Place } from "./standing.ts";

/** Whether the reader signs for themselves or in another's place: both fill one seat, and not the same one. */
export function PlaceChoice(props: {
  readonly places: readonly Place[];
  readonly chosen: Place | undefined;
  /** The reader holds a role of the stage as well. */
  readonly forOneself: boolean;
  /** The delegation's id; `undefined`: for themselves. */
  readonly onChoose: (id: string | undefined) => void;
}) {
  const { places, chosen, forOneself, onChoose } = props;
  const words = messages.decide;
  return (
    <fieldset>
      <legend>{words.forWhom}</legend>
      {forOneself && (
        <label class="choice">
          <input type="radio" name="place" checked={chosen === undefined} onChange={() => onChoose(undefined)} />
          {words.forMyself}
        </label>
      )}
      {places.map((place) => (
        <label key={place.id} class="choice">
          <input type="radio" name="place" checked={chosen?.id === place.id} onChange={() => onChoose(place.id)} />
          <Apart text={words.inPlaceOf(place.name, place.title)} />
        </label>
      ))}
    </fieldset>
  );
}
