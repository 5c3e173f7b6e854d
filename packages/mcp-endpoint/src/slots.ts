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

/** Counts what is open for each user, up to the same limit for every one. */
export interface UserSlots {
  /** Takes a place of a user's and answers how to give it back; `undefined` when the user has none left. */
  take(user: string): (() => void) | undefined;
}

/** Makes `max` places for each user; who has nothing open costs nothing. */
export function createUserSlots(max: number): UserSlots {
  const open = new Map<string, { readonly slots: Slots; taken: number }>();
  return {
    take(user) {
      const own = open.get(user) ?? { slots: createSlots(max), taken: 0 };
      const leave = own.slots.take();
      if (!leave) return undefined;
      own.taken += 1;
      open.set(user, own);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        leave();
        own.taken -= 1;
        if (own.taken === 0) open.delete(user);
      };
    },
  };
}

/** All places of an endpoint. */
export interface Places {
  readonly slots: Slots;
  readonly userSlots: UserSlots;
}
