import { auditCases } from "./audit.ts";
import { bundleCases } from "./bundle.ts";
import { auditLogCases } from "./audit-log.ts";
import type { CallCase } from "./call-ratio.ts";
import { canonicalCases } from "./canonical.ts";
import { capabilityCases } from "./capability.ts";
import { growthCases, limitCases as capabilityLimits } from "./capability-growth.ts";
import { checkManyCase } from "./check-many.ts";
import { egressCases } from "./egress.ts";
import { enforcerCases, handleCases } from "./enforcer.ts";
import { engineCallCases } from "./engine.ts";
import { engineCases } from "./engines.ts";
import { gatewayCases } from "./gateway.ts";
import { goHostCases } from "./go-host.ts";
import { integrityCases } from "./integrity.ts";
import { laneCases } from "./lane.ts";
import { managerCases } from "./manager.ts";
import { manifestCases } from "./manifest.ts";
import { missionCases } from "./mission.ts";
import { processHostCases } from "./process-host.ts";
import { processStartCases } from "./process-starts.ts";
import type { LimitCase, RatioCase } from "./ratio.ts";
import { sandboxCases } from "./sandbox.ts";
import { toolListCases } from "./tool-lists.ts";
import { wasmHostCases } from "./wasm-host.ts";
import { wasmMeterCases, wasmMeterLimits } from "./wasm-meter.ts";

/** Every comparison that `pnpm bench` reports. */
export const cases: readonly RatioCase[] = [
  ...canonicalCases,
  ...capabilityCases,
  ...growthCases,
  ...engineCases,
  ...enforcerCases,
  ...manifestCases,
  ...wasmMeterCases,
];

export { meanOfKernels } from "./wasm-meter.ts";

/** Every piece of work with a limit of its own. */
export const limitCases: readonly LimitCase[] = [...capabilityLimits, ...wasmMeterLimits];
export { memoryCases } from "./memory.ts";

/** Every comparison of calls that cross threads or processes, or wait for a disk. */
export const callCases: readonly CallCase[] = [
  ...handleCases,
  checkManyCase,
  ...auditCases,
  ...integrityCases,
  ...bundleCases,
  ...auditLogCases,
  ...engineCallCases,
  ...processHostCases,
  ...goHostCases,
  ...laneCases,
  ...processStartCases,
  ...sandboxCases,
  ...wasmHostCases,
  ...gatewayCases,
  ...toolListCases,
  ...egressCases,
  ...managerCases,
  ...missionCases,
];
