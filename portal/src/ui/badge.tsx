/** How something stands: `mark` repeats in a sign what the colour says, and the words say it all. */
export type Tone = "good" | "bad" | "warn" | "plain";

const marks: Record<Tone, string> = { good: "✓", bad: "✕", warn: "!", plain: "·" };

/** A word or two about how something stands. */
export function Badge({ tone, text }: { readonly tone: Tone; readonly text: string }) {
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true" class="mark">
        {marks[tone]}
      </span>
      {text}
    </span>
  );
}
