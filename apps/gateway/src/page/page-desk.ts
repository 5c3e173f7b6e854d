import type { Finding, InspectedPlugin, OperatedPlugin } from "@sigilrt/cli";
import type { OwnersDesk } from "../admin/admin-desk.ts";
import type { Configuration } from "../configuration.ts";
import { examineMachine } from "../doctor.ts";
import { ENGINE } from "../engine.ts";
import type { Gateway } from "../gateway.ts";
import { type AuditFacts, type AuditView, createAuditView } from "./audit-view.ts";
import { type ExplainedDecision, explainDecision } from "./explain-decision.ts";
import { type Isolation, isolationOf } from "./isolation.ts";
import { createPluginTouches, type PluginTouches } from "./plugin-touches.ts";
import { createReviews, type Reviews } from "./reviews.ts";

/** A plugin as the page shows it. */
interface ShownPlugin extends OperatedPlugin {
  readonly isolation: Isolation;
}

/** How the gateway stands. */
interface Health {
  readonly version: string;
  readonly startedAt: string;
  readonly generation: number;
  readonly plugins: number;
  readonly notices: readonly string[];
  readonly isolation: Isolation;
  readonly audit: AuditFacts;
}

/** What the page asks of a gateway that runs. */
export interface PageDesk {
  readonly admin: OwnersDesk;
  readonly audit: AuditView;
  readonly reviews: Reviews;
  plugins(): readonly ShownPlugin[];
  plugin(name: string): Promise<(ShownPlugin & InspectedPlugin & PluginTouches) | undefined>;
  explain(decision: string): Promise<ExplainedDecision | undefined>;
  health(): Promise<Health>;
  /** The probes of `sigil doctor`. */
  examine(): Promise<readonly Finding[]>;
  /** Puts on record that somebody asked for what they may not. */
  refused(actor: string, right: string): Promise<void>;
  /** Puts on record that somebody signed in. */
  signedIn(actor: string): Promise<void>;
}

/** Makes the desk of the page of an open gateway. */
export function createPageDesk(gateway: Gateway, configuration: Configuration): PageDesk {
  const { desk, audit, enforcer, principals, processTier, manager, notices } = gateway;
  const startedAt = new Date().toISOString();
  const touches = createPluginTouches(configuration.path);
  const view = createAuditView(audit, configuration);
  const shown = <T extends OperatedPlugin>(plugin: T): T & ShownPlugin => ({
    ...plugin,
    isolation: isolationOf(plugin.tier, processTier),
  });
  const decided = async (
    actor: string,
    capability: string,
    result: "allowed" | "denied",
  ): Promise<void> => {
    const reason = result === "allowed" ? "allowed" : "user_not_allowed";
    await desk.record([{ action: "capability_check", actor, capability, result, reason }]);
  };
  let examining: Promise<readonly Finding[]> | undefined;
  return {
    admin: desk,
    audit: view,
    reviews: createReviews(configuration.path, desk),
    plugins: () => desk.list().map((plugin) => shown(plugin)),
    async plugin(name) {
      const plugin = desk.inspect(name);
      return plugin && { ...shown(plugin), ...(await touches(plugin)) };
    },
    explain: (decision) => explainDecision(decision, { audit, enforcer, principals }),
    async health() {
      return {
        version: ENGINE,
        startedAt,
        generation: enforcer.generation,
        plugins: manager.list().length,
        notices,
        isolation: isolationOf("process", processTier),
        audit: await view.facts(),
      };
    },
    examine: () =>
      (examining ??= examineMachine(configuration.path).finally(() => {
        examining = undefined;
      })),
    refused: (actor, right) => decided(actor, right, "denied"),
    signedIn: (actor) => decided(actor, "admin.session.open", "allowed"),
  };
}
