import type { Evidence } from "@sigilrt/integrity";
import type { ExecutionTier, ManifestIssue, PluginAdapter, PluginType } from "@sigilrt/manifest";
import type { AwaitingPlugin, RefusedPlugin } from "./verify.ts";
import type { SkippedFolder } from "./read-folder.ts";
import type { WithheldTool } from "./tool-contract.ts";

/** A plugin that was admitted. */
export interface AdmittedSummary {
  /** Its name. */
  readonly plugin: string;
  /** Its version. */
  readonly version: string;
  /** The digest of the bytes that will run. */
  readonly digest: string;
  /** Why they are approved. */
  readonly evidence: Evidence;
}

/** What one look at the plugin folders came to. */
export interface DiscoveryReport {
  /** The generation that is current afterwards. */
  readonly generation: number;
  /** Whether a new generation was published; `false` when `all-or-none` refused one. */
  readonly published: boolean;
  /** Admitted plugins, by name. */
  readonly admitted: readonly AdmittedSummary[];
  /** Folders that are no plugins, with everything that is wrong with them. */
  readonly skipped: readonly SkippedFolder[];
  /** Plugins that were refused, with the evidence. */
  readonly rejected: readonly RefusedPlugin[];
  /** Plugins that wait for a person. */
  readonly awaitingConsent: readonly AwaitingPlugin[];
  /** Plugins of the generation before that are gone. */
  readonly removed: readonly string[];
}

/** A plugin as an operator sees it. Texts of its manifest are untrusted: escape them. */
export interface PluginSummary {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** What it is. */
  readonly type: PluginType;
  /** How it is isolated. */
  readonly tier: ExecutionTier;
  /** How it is spoken to. */
  readonly adapter: PluginAdapter;
  /** The digest of the bytes that run. */
  readonly digest: string;
  /** Where its newest instance stands; `discovered` while none was started. */
  readonly state: string;
  /** What is wrong: why it is not running, how it is unwell, or what it last did against the rules. May quote the plugin: escape it. */
  readonly reason?: string;
  /** What it last said of its health: the worst word, where it has several instances. Absent until it was asked. */
  readonly health?: "healthy" | "degraded" | "unhealthy";
  /** The tools it may show, once they are known. */
  readonly tools?: readonly string[];
  /** Tools that are neither shown nor called, because their schemas are not to be relied on. */
  readonly withheld?: readonly WithheldTool[];
  /** What is unwise in its manifest. */
  readonly warnings: readonly ManifestIssue[];
}

/** One tool that a principal may call. */
export interface VisibleTool {
  /** The plugin. */
  readonly plugin: string;
  /** The tool's name within the plugin. */
  readonly name: string;
  /** What it does, in the plugin's words. */
  readonly description: string;
  /** A short name. */
  readonly title?: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: unknown;
  /** JSON Schema of its structured result. */
  readonly outputSchema?: unknown;
  /** The plugin's hints; they grant nothing. */
  readonly annotations?: unknown;
}

/** What one principal sees of one generation. */
export interface ToolView {
  /** The generation. */
  readonly generation: number;
  /** By plugin and name, bytewise. Tools of a plugin whose surface is not known yet are missing until it was started. */
  readonly tools: readonly VisibleTool[];
}
