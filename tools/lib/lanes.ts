/** Runs `jobs` in order, at most `lanes` at a time. `over` says before each whether to stop. */
export async function inLanes<Job>(
  jobs: readonly Job[],
  lanes: number,
  perform: (job: Job) => Promise<void>,
  over: () => boolean = () => false,
): Promise<void> {
  const waiting = [...jobs];
  const lane = async (): Promise<void> => {
    while (!over()) {
      const job = waiting.shift();
      if (job === undefined) return;
      await perform(job);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
