/** Which member keeps an answer: another does not have it. */

/** What was noted first is forgotten first. */
const MOST = 10_000;

export class KeptAt {
  readonly #members = new Map<string, string>();

  note(keep: string, member: string): void {
    this.#members.set(keep, member);
    if (this.#members.size <= MOST) return;
    const [first] = this.#members.keys();
    if (first !== undefined) this.#members.delete(first);
  }

  memberOf(keep: string): string | undefined {
    return this.#members.get(keep);
  }
}
