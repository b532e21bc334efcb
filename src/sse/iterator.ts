export const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** An iterator out of what reads on and what is to be done when somebody leaves early. Async generators cost more promises. */
export function iteratorOf<T>(
  next: () => Promise<IteratorResult<T, undefined>>,
  leave: () => unknown,
): AsyncIterableIterator<T, undefined> {
  const iterator: AsyncIterableIterator<T, undefined> = {
    [Symbol.asyncIterator]: () => iterator,
    next,
    return: async () => {
      await leave();
      return END;
    },
  };
  return iterator;
}
