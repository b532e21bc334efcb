/**
 * Bytes that all connections of a process hold together. While there is room, each takes what it wants. When there is none,
 * one that holds less than an equal share still gets what it needs from the one that holds most, which must shed.
 */
export class SharedBudget {
  readonly limit: number;
  #held = 0;
  readonly #shares = new Set<Share>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** What each may hold, whatever the others do. */
  get equalPart(): number {
    return this.limit / Math.max(1, this.#shares.size);
  }

  /** `shed` gives back what it can at once; if called again, everything. */
  join(shed: () => void): Share {
    const share: Share = new Share({
      shed,
      count: (bytes) => this.#held += bytes,
      exceeded: (bytes) => this.#held + bytes > this.limit && !this.#makeRoom(share, bytes),
      leave: () => this.#shares.delete(share),
    });
    this.#shares.add(share);
    return share;
  }

  #makeRoom(share: Share, bytes: number): boolean {
    const part = this.equalPart;
    if (share.held + bytes > part) return false;
    for (let before = Infinity; this.#held + bytes > this.limit;) {
      // Nothing came back: the holder is already closing.
      if (this.#held >= before) return false;
      before = this.#held;
      let largest = share;
      for (const other of this.#shares) if (other.held > largest.held) largest = other;
      if (largest.held <= part) return false;
      largest.shed();
    }
    return true;
  }
}

interface Membership {
  readonly shed: () => void;
  readonly count: (bytes: number) => void;
  readonly exceeded: (bytes: number) => boolean;
  readonly leave: () => void;
}

/** What one connection holds of it. */
export class Share {
  readonly #membership: Membership;
  #held = 0;
  #closed = false;

  constructor(membership: Membership) {
    this.#membership = membership;
  }

  get held(): number {
    return this.#held;
  }

  /** Whether these bytes would be too many, even after the largest holders have shed what they could. */
  exceededBy(bytes: number): boolean {
    return this.#membership.exceeded(bytes);
  }

  take(bytes: number): void {
    if (this.#closed) return;
    this.#held += bytes;
    this.#membership.count(bytes);
  }

  giveBack(bytes: number): void {
    this.take(-bytes);
  }

  shed(): void {
    this.#membership.shed();
  }

  /** Gives back everything; later changes are ignored. */
  close(): void {
    if (this.#closed) return;
    this.giveBack(this.#held);
    this.#closed = true;
    this.#membership.leave();
  }
}
