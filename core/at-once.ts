/** Works on `most` of the values at a time. The first error is thrown at once; what is under way then goes on unheard. */
export async function eachAtOnce<Value>(
  values: Iterable<Value>,
  most: number,
  work: (value: Value) => Promise<unknown>,
): Promise<void> {
  let failed = false;
  const left = values[Symbol.iterator]();
  const worker = async () => {
    for (let next = left.next(); !failed && next.done !== true; next = left.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
}
