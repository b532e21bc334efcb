/**
 * The last part of a body. Small pieces share a block, because an array of its own takes more memory than most events, and what is
 * asked costs the same however many there are.
 */

interface Block {
  /** Its first byte, counted from the start of the body. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** How many bytes of it are filled. */
  used: number;
}

/** Forgotten blocks are cleared away in batches. */
const MANY = 64;

export class KeptBytes {
  #blocks: Block[] = [];
  /** Blocks before this one are forgotten. */
  #head = 0;
  /** The first byte that is kept, and the one after the last. */
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  readonly #blockBytes: number;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  /** Keeps a copy: whoever gave the bytes may use their memory again. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    let block = this.#blocks.at(-1);
    if (
      block === undefined || this.length === 0 || block.used + bytes.length > block.bytes.length
    ) {
      const size = Math.max(this.#blockBytes, bytes.length);
      block = { start: this.end, bytes: new Uint8Array(size), used: 0 };
      this.#blocks.push(block);
    }
    block.bytes.set(bytes, block.used);
    block.used += bytes.length;
    this.end += bytes.length;
  }

  /** A copy of what its block holds from that byte on; undefined at the end. */
  from(at: number): Uint8Array | undefined {
    if (at >= this.end) return undefined;
    let [low, high] = [this.#head, this.#blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle]?.start ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low];
    return block?.bytes.slice(at - block.start, block.used);
  }

  /** Forgets whole blocks before that byte; returns how many bytes they had. */
  forget(before: number): number {
    const { start } = this;
    while (this.start < this.end) {
      const block = this.#blocks[this.#head];
      if (block === undefined || block.start + block.used > before) break;
      this.#head++;
      this.start = block.start + block.used;
    }
    if (
      this.#head === this.#blocks.length ||
      (this.#head > MANY && this.#head * 2 > this.#blocks.length)
    ) {
      this.#blocks = this.#blocks.slice(this.#head);
      this.#head = 0;
    }
    return this.start - start;
  }
}
