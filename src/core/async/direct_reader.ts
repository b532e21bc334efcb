/**
 * Reading a stream of our own past its ReadableStream: a piece that arrives is handed on in the same turn, without the promises
 * that a reader costs for each. Others get the stream itself and notice nothing.
 */
export interface DirectReader {
  read(): PromiseLike<Piece>;
  /** No more is wanted. */
  cancel(reason: unknown): void;
}

/** Without a value: the end. */
export interface Piece {
  readonly value?: Uint8Array | undefined;
}

const offered = new WeakMap<ReadableStream<Uint8Array>, DirectReader>();

/** From whoever makes the stream. */
export function offerDirect(stream: ReadableStream<Uint8Array>, reader: DirectReader): void {
  offered.set(stream, reader);
}

/** The only reader of the stream from here on. */
export function readerOf(stream: ReadableStream<Uint8Array>): DirectReader {
  const direct = stream.locked ? undefined : offered.get(stream);
  if (direct !== undefined) {
    offered.delete(stream);
    return direct;
  }
  const reader = stream.getReader();
  return {
    read: () => reader.read(),
    // The rejection is not handled by anyone: the source is gone either way.
    cancel: (reason) => void reader.cancel(reason).catch(() => {}),
  };
}
