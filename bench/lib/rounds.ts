/**
 * Measures the sides of a comparison in turns, so that other load on the machine affects all of them. The order rotates
 * every round, so that none always comes first.
 */
export async function interleave<Side extends string, T>(
  sides: readonly Side[],
  rounds: number,
  measure: (side: Side, round: number) => Promise<T>,
): Promise<Record<Side, T[]>> {
  const results = Object.fromEntries(sides.map((side) => [side, []])) as unknown as Record<
    Side,
    T[]
  >;
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      results[side].push(await measure(side, round));
    }
  }
  return results;
}

/** One number per round for each of two sides, compared round by round. */
export function compareRounds(
  ours: readonly number[],
  theirs: readonly number[],
  compare: (ours: number, theirs: number) => number,
): number[] {
  return ours.map((value, round) => compare(value, theirs[round] ?? Number.NaN));
}
