import { ManagerError } from "./manager-error.ts";

/** Runs one piece of work after the other, in the order they were asked for. */
export type Sequence = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a sequence in which at most `most` pieces of work wait; one more is refused as `OVERLOADED`. */
export function createSequence(most: number): Sequence {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting >= most) {
      throw new ManagerError(
        "OVERLOADED",
        `Cannot change the plugins: ${most} changes wait already; try again when they are done`,
      );
    }
    waiting += 1;
    const next = last.then(() => {
      waiting -= 1;
      return work();
    });
    last = next.catch(() => undefined);
    return next;
  };
}
