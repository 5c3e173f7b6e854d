/**
 * The audit store of one gateway node: every decision durable before its effect, in a log whose changes and cuts show.
 *
 * @packageDocumentation
 */

export { AuditError, type AuditErrorCode, type AuditErrorOptions } from "./audit-error.ts";
export { exportAudit, type ExportedRecord, type ExportOptions } from "./export.ts";
export type { CoversCapability } from "./matcher.ts";
export type { PageOptions } from "./page.ts";
export { queryAudit, type QueryAuditOptions } from "./query.ts";
export type { RedactionOptions } from "./redaction.ts";
export { commandSink, fileSink } from "./sinks.ts";
export { type ResealAuditOptions, resealAudit, type ResealedAudit } from "./reseal.ts";
export { openAuditStore } from "./store.ts";
export type {
  AuditHealth,
  AuditStoreOptions,
  EmbeddedAuditStore,
  PruneOptions,
  PrunedSegments,
} from "./store-options.ts";
export type {
  AcceptedLoss,
  AuditFault,
  AuditFaultKind,
  AuditVerdict,
  PrunedPart,
} from "./audit-verdict.ts";
export { verifyAudit, type VerifyAuditOptions } from "./verify-audit.ts";
