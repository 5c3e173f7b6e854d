import { canonicalCases } from "./canonical.ts";
import { capabilityCases } from "./capability.ts";
import { enforcerCases } from "./enforcer.ts";
import { manifestCases } from "./manifest.ts";
import type { RatioCase } from "./ratio.ts";

/** Every comparison that `pnpm bench` reports. */
export const cases: readonly RatioCase[] = [
  ...canonicalCases,
  ...capabilityCases,
  ...enforcerCases,
  ...manifestCases,
];
