/** The first place of what rises whose value is not below this one, looked for by halves. */
export function firstFrom(rising: readonly number[], value: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? value) >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}
