/** What is wrong by every one of these; what is so by the first, where they differ. */
export function byOneOf<Way, Wrong>(
  ways: readonly Way[],
  wrongBy: (way: Way) => readonly (Wrong | undefined)[],
): readonly (Wrong | undefined)[] {
  let first: readonly (Wrong | undefined)[] | undefined;
  for (const way of ways) {
    const wrong = wrongBy(way);
    if (wrong.every((each) => each === undefined)) return [];
    first ??= wrong;
  }
  return first ?? [];
}
