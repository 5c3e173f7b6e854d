/**
 * Rewrites core modules so that their work and growth are counted; pure, and of use without a host.
 *
 * @packageDocumentation
 */

export { METER_VERSION } from "./costs.ts";
export { meterModule, type MeterOptions } from "./meter-module.ts";
export type { MeteredModule } from "./rewrite-module.ts";
