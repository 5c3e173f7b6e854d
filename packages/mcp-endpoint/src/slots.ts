/** Counts what is open, up to a limit. */
export interface Slots {
  /** Takes a place and answers how to give it back; `undefined` when there is none. */
  take(): (() => void) | undefined;
}

/** Makes `max` places. */
export function createSlots(max: number): Slots {
  let taken = 0;
  return {
    take() {
      if (taken >= max) return undefined;
      taken += 1;
      let isHeld = true;
      return () => {
        if (isHeld) taken -= 1;
        isHeld = false;
      };
    },
  };
}
