import type { Health } from "@sigilrt/lifecycle";
import { HealthStatus } from "@sigilrt/protocol/plugin/v1";
import type { Connection } from "./connection.ts";
import { methods } from "./methods.ts";
import { ProcessHostError } from "./process-host-error.ts";

/** How long a question may take. */
export interface WireLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Asks a plugin how it is; one without a health service of its own is healthy. Throws {@link ProcessHostError}. */
export async function healthOf(connection: Connection, options: WireLimits): Promise<Health> {
  try {
    const { status, message } = await connection.unary(methods.health, {}, options);
    switch (status) {
      case HealthStatus.HEALTHY:
        return { status: "healthy", message };
      case HealthStatus.DEGRADED:
        return { status: "degraded", message };
      case HealthStatus.UNHEALTHY:
        return { status: "unhealthy", message };
      case HealthStatus.UNSPECIFIED:
      default:
        return {
          status: "degraded",
          message: message === "" ? "The plugin does not say how it is" : message,
        };
    }
  } catch (error) {
    if (!(error instanceof ProcessHostError)) throw error;
    if (error.code === "UNIMPLEMENTED")
      return { status: "healthy", message: "The plugin has no health service of its own" };
    if (error.code === "DEADLINE_EXCEEDED" || error.code === "CALL_FAILED")
      return { status: "unhealthy", message: error.message };
    throw error;
  }
}
