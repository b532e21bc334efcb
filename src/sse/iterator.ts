export const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** An iterator from a read function and a cancel function, called on early exit. Async generators cost more promises. */
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
