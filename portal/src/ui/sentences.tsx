import { LongForeign } from "./text.tsx";

/** Sentences that the service wrote, one below the other. */
export function Sentences({ texts }: { readonly texts: readonly string[] }) {
  return (
    <ul>
      {texts.map((text) => (
        <li key={text}>
          <LongForeign text={text} />
        </li>
      ))}
    </ul>
  );
}
