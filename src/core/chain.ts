/**
 * Maps a value or a promise of one: synchronously for a value, so that work that does not have to wait costs no
 * promise.
 */
export function chain<T, R>(value: T | Promise<T>, next: (value: T) => R): R | Promise<Awaited<R>> {
  return value instanceof Promise ? value.then(next) as Promise<Awaited<R>> : next(value);
}
