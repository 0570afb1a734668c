/** The results of `work` in the order of the values, with `most` of them under way. */
export async function* readAhead<Value, Result>(
  values: AsyncIterable<Value> | Iterable<Value>,
  most: number,
  work: (value: Value) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  for await (const value of values) {
    const result = work(value);
    // Thrown where its turn comes; until then nobody waits for it.
    result.catch(() => undefined);
    underWay.push(result);
    const first = underWay.length < most ? undefined : underWay.shift();
    if (first !== undefined) yield await first;
  }
  for (const result of underWay) yield await result;
}
