/**
 * What is made of a value that may still have to come: at once when it is here, so that work which waits for nothing costs no
 * promise.
 */
export function chain<T, R>(value: T | Promise<T>, next: (value: T) => R): R | Promise<Awaited<R>> {
  return value instanceof Promise ? value.then(next) as Promise<Awaited<R>> : next(value);
}
