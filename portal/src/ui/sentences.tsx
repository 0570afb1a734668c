import { LongForeign } from "./text.tsx";

/** Sentences that the service wrote, one below the other. */
export function Sentences({ texts }: { readonly texts: readonly string[] }) {
  return (
    <ul class="sentences">
      {texts.map((text, place) => (
        <li key={place}>
          <LongForeign text={text} />
        </li>
      ))}
    </ul>
  );
}
