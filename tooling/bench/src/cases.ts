import type { RatioCase } from "./ratio.ts";

/** Every comparison that `pnpm bench` reports. */
export const cases: readonly RatioCase[] = [];
