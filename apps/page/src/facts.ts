/** What the gateway answers. Every text of a plugin in it is a stranger's. */

export interface Isolation {
  readonly rating: "memory" | "contained" | "gaps" | "none";
  readonly words: string;
  readonly reasons: readonly string[];
}

export interface Plugin {
  readonly name: string;
  readonly state: string;
  readonly version?: string;
  readonly type?: string;
  readonly tier?: string;
  readonly adapter?: string;
  readonly digest?: string;
  readonly reason?: string;
  readonly crashes: number;
  readonly isolation: Isolation;
}

export interface PluginInFull extends Plugin {
  readonly tools?: readonly string[];
  readonly allow: readonly string[];
  readonly except: readonly string[];
  readonly warnings: readonly string[];
  readonly touches: readonly string[];
  readonly granted: readonly string[];
}

export interface ActReport {
  readonly plugin: string;
  readonly outcome: string;
  readonly code?: string;
  readonly message?: string;
  readonly version?: string;
}

export interface Decision {
  readonly at: string;
  readonly decision: string;
  readonly result: string;
  readonly reason: string;
  readonly actor: string;
  readonly plugin?: string;
  readonly workspace?: string;
  readonly capability?: string;
}

export interface Explained {
  readonly record: AuditRecord;
  readonly note?: string;
  readonly now?: {
    readonly allowed: boolean;
    readonly reason: string;
    readonly legs: readonly {
      readonly leg: string;
      readonly passes: boolean;
      readonly pattern?: string;
    }[];
    readonly changes: readonly { readonly text: string }[];
  };
}

export interface Waiting {
  readonly name: string;
  readonly state: "staged" | "awaiting_consent" | "refused";
  readonly version?: string;
  readonly source?: string;
  readonly reason?: string;
}

export interface SurfaceChange {
  readonly list: "capabilities" | "hooks" | "tools";
  readonly name: string;
  readonly member?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface Review {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly digest: string;
  readonly source: string;
  readonly surface: { readonly tools: readonly { name: string; description: string }[] };
  readonly touches: readonly string[];
  readonly rights: readonly string[];
  readonly notes: readonly string[];
  readonly locked?: { readonly version: string; readonly digests: readonly string[] };
  readonly changes: readonly SurfaceChange[];
  readonly files: readonly string[];
  readonly faults: readonly string[];
}

export interface Approval {
  readonly name: string;
  readonly version: string;
  readonly user: string;
  readonly gateway?: ActReport;
}

export interface AuditRecord {
  readonly log: string;
  readonly seq: number;
  readonly at?: string;
  readonly action: string;
  readonly result: string;
  readonly reason: string;
  readonly actor: string;
  readonly plugin?: string;
  readonly workspace?: string;
  readonly capability?: string;
  readonly decision?: string;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  readonly cursor?: string;
}

export interface AuditFacts {
  readonly durability: "group" | "each" | "none";
  readonly newest?: { readonly log: string; readonly seq: number; readonly at?: string };
  readonly anchored: number;
  readonly anchors: number;
  readonly index: "sqlite" | "scan";
  readonly lastError?: string;
}

export interface VerifiedLog {
  readonly verdict: { readonly ok: boolean };
  readonly lines: readonly string[];
}

export interface Health {
  readonly version: string;
  readonly startedAt: string;
  readonly generation: number;
  readonly plugins: number;
  readonly notices: readonly string[];
  readonly isolation: Isolation;
  readonly audit: AuditFacts;
}

export interface Finding {
  readonly subject: string;
  readonly state: "ok" | "warning" | "failed";
  readonly detail: string;
  readonly remedy?: string;
}
