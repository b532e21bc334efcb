/**
 * Test files that cannot share the cores or a process with others, each with its reason. They run after all others, one at
 * a time.
 */
export const ALONE: Readonly<Record<string, string>> = {
  "tests/unit/platform/odd_responses.test.ts":
    "measures the memory of its process while a body of 256 MiB is refused",
};
