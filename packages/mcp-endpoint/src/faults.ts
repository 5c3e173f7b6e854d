import { randomUUID } from "node:crypto";
import type { Settings } from "./options.ts";
import { RPC, type RpcError } from "./vocabulary.ts";

/** Tells the composition what went wrong and answers all that the client may know of it. */
export type ReportFault = (error: unknown) => RpcError;

/** Makes a {@link ReportFault}. */
export function createFaultReport({ onFault }: Pick<Settings, "onFault">): ReportFault {
  return (error) => {
    const correlationId = randomUUID();
    try {
      onFault({ correlationId, error });
    } catch {
      // Who listens badly changes nothing.
    }
    return { code: RPC.internal, message: "Internal error", data: { correlationId } };
  };
}
