import { auditCases } from "./audit.ts";
import { bundleCases } from "./bundle.ts";
import { auditLogCases } from "./audit-log.ts";
import type { CallCase } from "./call-ratio.ts";
import { canonicalCases } from "./canonical.ts";
import { capabilityCases } from "./capability.ts";
import { growthCases, limitCases } from "./capability-growth.ts";
import { checkManyCase } from "./check-many.ts";
import { egressCases } from "./egress.ts";
import { enforcerCases, handleCases } from "./enforcer.ts";
import { engineCases } from "./engines.ts";
import { gatewayCases } from "./gateway.ts";
import { integrityCases } from "./integrity.ts";
import { managerCases } from "./manager.ts";
import { manifestCases } from "./manifest.ts";
import { processHostCases } from "./process-host.ts";
import { processStartCases } from "./process-starts.ts";
import type { RatioCase } from "./ratio.ts";
import { sandboxCases } from "./sandbox.ts";
import { wasmHostCases } from "./wasm-host.ts";

/** Every comparison that `pnpm bench` reports. */
export const cases: readonly RatioCase[] = [
  ...canonicalCases,
  ...capabilityCases,
  ...growthCases,
  ...engineCases,
  ...enforcerCases,
  ...manifestCases,
];

export { limitCases };
export { memoryCases } from "./memory.ts";

/** Every comparison of calls that cross threads or processes, or wait for a disk. */
export const callCases: readonly CallCase[] = [
  ...handleCases,
  checkManyCase,
  ...auditCases,
  ...integrityCases,
  ...bundleCases,
  ...auditLogCases,
  ...processHostCases,
  ...processStartCases,
  ...sandboxCases,
  ...wasmHostCases,
  ...gatewayCases,
  ...egressCases,
  ...managerCases,
];
