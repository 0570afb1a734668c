import { messages } from "../messages/catalogue.ts";
import { Foreign } from "./text.tsx";

/** What a list lacks, since the service cannot read it; nothing where it reads all. */
export function Unreadable(props: {
  readonly lists: readonly ({ readonly unreadable?: readonly string[] } | undefined)[];
}) {
  const ids = new Set(props.lists.flatMap((list) => list?.unreadable ?? []));
  if (ids.size === 0) return null;
  return (
    <p class="notice warn">
      <Foreign text={messages.problem.unreadable([...ids])} />
    </p>
  );
}
