/** Hands on what a generator yields while it already works at the next; what it throws comes in its turn. */
export async function* readAhead<T>(
  source: AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  const begin = () => {
    const next = source.next();
    next.catch(() => undefined); // it is awaited later, or never where the reader has stopped
    return next;
  };
  for (let next = begin(); ;) {
    const result = await next;
    if (result.done) return;
    next = begin();
    yield result.value;
  }
}
