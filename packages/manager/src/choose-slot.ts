import type { InstanceSlot } from "./instance-slot.ts";

/** Whether an instance takes calls. */
export const isUp = ({ started }: InstanceSlot): boolean => started !== undefined;

/** The instance with the fewest calls, when it has less than `below`. One that runs serves at once; one that starts may not come up. */
export function leastLoaded(
  slots: Iterable<InstanceSlot>,
  below: number,
): InstanceSlot | undefined {
  let least: InstanceSlot | undefined;
  for (const slot of slots) {
    const isBetter =
      !least || (isUp(slot) === isUp(least) ? slot.inside < least.inside : isUp(slot));
    if (slot.inside < below && isBetter) least = slot;
  }
  return least;
}

/** The instance that nobody uses for the longest time. */
export function longestIdle(slots: Iterable<InstanceSlot>): InstanceSlot | undefined {
  let longest: InstanceSlot | undefined;
  for (const slot of slots) {
    const isIdle = isUp(slot) && slot.inside === 0;
    if (isIdle && (!longest || slot.idleSince < longest.idleSince)) longest = slot;
  }
  return longest;
}
