import type { CapabilitySet } from "@sigilrt/capability";
import type { MissionLeg } from "@sigilrt/enforcer";
import type {
  Completing,
  Content,
  JsonValue,
  LogNote,
  Progress,
  ServiceHandle,
} from "@sigilrt/lifecycle";

/** On whose behalf a call is made, and what they and their workspace may. */
export interface Principal {
  /** The workspace's id. */
  readonly workspace: string;
  /** The user's id. */
  readonly user: string;
  /** What the workspace allows. */
  readonly workspaceAllow: CapabilitySet | readonly string[];
  /** What the user may. */
  readonly permissions: CapabilitySet | readonly string[];
  /** The mission under which the call is made. */
  readonly mission?: MissionLeg;
  /** The session's id, for the record. */
  readonly session?: string;
}

/**
 * What is asked for beside a tool. A prompt is decided as `prompt.<plugin>.<name>`; a resource as
 * `resource.<plugin>.<scheme>:.<authority>./<path>`, and one whose URI has no `//` as `resource.<plugin>.<scheme>./<rest>`.
 */
export interface Offer {
  /** Whether it is a prompt or a resource. */
  readonly kind: "prompt" | "resource";
  /** Asks for ways to complete one argument instead of the thing itself. */
  readonly completing?: Completing;
}

/** One call of a tool, not yet decided. */
export interface CallRequest {
  /** The plugin. */
  readonly plugin: string;
  /** The tool's name within the plugin; with `offer`, the prompt's name or the resource's URI. */
  readonly tool: string;
  /** Asks for a prompt or a resource in place of a tool; its answer is the structured result. */
  readonly offer?: Offer;
  /** Its arguments. */
  readonly arguments: Readonly<Record<string, JsonValue>>;
  /** On whose behalf. */
  readonly principal: Principal;
  /** W3C trace context, passed on as a claim. */
  readonly traceparent?: string;
}

/** What to open, and on whose behalf. */
export interface OpenRequest<K extends ServiceHandle["kind"] = ServiceHandle["kind"]> {
  /** The plugin. */
  readonly plugin: string;
  /** Which service of it. */
  readonly kind: K;
  /** On whose behalf every operation runs. */
  readonly principal: Principal;
}

/** What a channel or a provider can be asked; the last part of the capability that is decided about. */
export type ServiceOperation =
  | "receive"
  | "send"
  | "presence"
  | "identity"
  | "models"
  | "chat"
  | "status";

/** One operation of a channel or a provider, not yet decided. */
export interface OperationRequest extends OpenRequest {
  /** The operation. */
  readonly operation: ServiceOperation;
}

/** How long a call may take and who hears of its progress. */
export interface CallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** When it ends at the latest, in milliseconds since the epoch; the manifest's limit holds as well. */
  readonly deadlineAt?: number;
  /** Hears progress, awaited. */
  readonly onProgress?: (progress: Progress) => Promise<void>;
  /** Hears what the plugin logs for this call. */
  readonly onLog?: (note: LogNote) => Promise<void>;
}

/** Facts about a call that ran. */
export interface CallMeta {
  /** What an operator finds the decision by. */
  readonly decisionId: string;
  /** The generation of plugins that answered. */
  readonly generation: number;
  /** The version of the plugin that answered. */
  readonly version: string;
  /** The digest of the plugin that answered. */
  readonly digest: string;
  /** Milliseconds from the request to the outcome. */
  readonly durationMs: number;
}

/** One thing that is wrong with a request. */
export interface ArgumentIssue {
  /** Where, as keys and indices of the request. */
  readonly path: readonly (string | number)[];
  /** What is wrong. */
  readonly message: string;
}

/** How a call ended: every call has exactly one. */
export type CallOutcome =
  | {
      /** The tool answered. */
      readonly kind: "completed";
      /** Its pieces, in order; empty in a stream, where they came before. */
      readonly content: readonly Content[];
      /** Its structured result. */
      readonly structured?: JsonValue;
      /** Whether the tool itself reports a failure. */
      readonly isError: boolean;
      /** Facts about the call. */
      readonly meta: CallMeta;
    }
  | {
      /** The request is malformed. */
      readonly kind: "invalid";
      /** What is wrong with it. */
      readonly issues: readonly ArgumentIssue[];
    }
  | {
      /** It was not allowed to run, or there is no such tool for this principal. */
      readonly kind: "denied";
      /** What the caller may know; the precise reason is in the audit. */
      readonly publicReason: "not_available" | "not_allowed" | "limit";
      /** What an operator finds the decision by. */
      readonly decisionId: string;
      /** When to try again, for `limit`. */
      readonly retryAfterMs?: number;
    }
  | {
      /** It was allowed and could not run, or did not run to its end. */
      readonly kind: "unavailable";
      /** Why. */
      readonly reason:
        | "starting"
        | "quarantined"
        | "crashed"
        | "overloaded"
        | "reloading"
        | "awaiting_consent";
      /** When to try again, where that is known. */
      readonly retryAfterMs?: number;
    }
  | {
      /** It was stopped. */
      readonly kind: "cancelled";
      /** By whom or what. */
      readonly by: "caller" | "deadline" | "idle" | "drain_limit";
    };

/** What a guard says. */
export type GuardAnswer =
  | {
      /** It has nothing against the call. */
      readonly ok: true;
      /**
       * Runs once, when the call has its outcome or another guard is against it, so that a guard can count what runs. Of an operation of a
       * handle it runs as soon as all guards were asked. What it throws is ignored.
       */
      readonly release?: () => void;
    }
  | {
      /** It is against it. */
      readonly ok: false;
      /** When to try again. */
      readonly retryAfterMs?: number;
    };

/** What a guard is asked about. */
export type GuardedRequest = CallRequest | OperationRequest;

/** A check before the decision. It may only deny: what it allows is still decided. */
export type CallGuard = (request: GuardedRequest) => GuardAnswer | Promise<GuardAnswer>;
