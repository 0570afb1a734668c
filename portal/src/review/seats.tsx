import { type Explanation, personText } from "../../../core/approval/explanation.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { messages } from "../messages/catalogue.ts";
import { eitherParts } from "../messages/en-phrases.ts";
import { Foreign } from "../ui/text.tsx";

type Seat = NonNullable<Explanation["seats"]>[number];

/** More names than this are a list of its own. */
const namedAtOnce = 8;

/** Who signed in each seat of a requirement, and who still could. `over`: nobody can any more. */
export function Seats({ seats, over }: { readonly seats: readonly Seat[]; readonly over: boolean }) {
  const words = messages.approval;
  const filled = seats.flatMap(({ filledBy }) => (filledBy === undefined ? [] : [filledBy]));
  const open = seats.filter(({ filledBy }) => filledBy === undefined);
  return (
    <>
      {filled.map((person) => (
        <p key={identityKey(person.identity)} class="seat">
          {words.filledBy} <Foreign text={personText(person)} />
        </p>
      ))}
      {over
        ? open.length > 0 && <p class="seat">{words.unfilled(open.length)}</p>
        : [...alike(open)].map(([key, [number, people]]) => (
            <OpenSeats key={key} number={number} names={people.map(personText)} />
          ))}
    </>
  );
}

/** The open seats for which the same people are asked, together: fifty that say the same are said once. */
function alike(open: readonly Seat[]): ReadonlyMap<string, readonly [number, Seat["couldBeFilledBy"]]> {
  const groups = new Map<string, readonly [number, Seat["couldBeFilledBy"]]>();
  for (const { couldBeFilledBy: people } of open) {
    const key = people.map((person) => `${identityKey(person.identity)} ${personText(person)}`).join("\n");
    groups.set(key, [(groups.get(key)?.[0] ?? 0) + 1, people]);
  }
  return groups;
}

function OpenSeats({ number, names }: { readonly number: number; readonly names: readonly string[] }) {
  const words = messages.approval;
  if (names.length === 0) return <p class="seat">{words.nobodyCould(number)}</p>;
  if (names.length <= namedAtOnce) {
    // Each name apart: one that is written the other way must not turn its neighbours around.
    const parts = eitherParts(names);
    return (
      <p class="seat">
        {words.couldSign(number)}{" "}
        {parts.map(({ type, value }, at) =>
          type === "element" ? <Foreign key={`${at} ${value}`} text={value} /> : value,
        )}
        .
      </p>
    );
  }
  return (
    <details class="seat">
      <summary>
        {words.couldSign(number)} {words.anyOf(names.length)}
      </summary>
      <ul>
        {names.map((name, at) => (
          <li key={`${at} ${name}`}>
            <Foreign text={name} />
          </li>
        ))}
      </ul>
    </details>
  );
}
