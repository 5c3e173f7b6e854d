import type { JsonObject, JsonValue } from "../json.ts";

/** A tool as its host sees it. */
export interface OfferedTool {
  /** Its name. */
  readonly name: string;
  /** What it does. */
  readonly description: string;
  /** The schema of its arguments. */
  readonly inputSchema: JsonValue;
  /** The schema of its structured result. */
  readonly outputSchema?: JsonValue;
}

/** What a tool answered. */
export interface ToolAnswer {
  /** Whether the call failed. */
  readonly isError: boolean;
  /** Its words; of a failed call also why it failed. */
  readonly text: string;
  /** Its structured result. */
  readonly structured?: JsonValue;
  /** Its files. */
  readonly files: readonly {
    /** The media type. */
    readonly mimeType: string;
    /** Its name, if it has one. */
    readonly name?: string;
    /** Its bytes. */
    readonly data: Uint8Array;
  }[];
  /** How far it said to be, in the order it said so. */
  readonly progress: readonly {
    /** What is done. */
    readonly completed: number;
    /** What there is to do, when it is known. */
    readonly total?: number;
    /** A word about it. */
    readonly message?: string;
  }[];
  /** The code of a failure, where the host passes it on. */
  readonly failure?: {
    /** What callers branch on. */
    readonly code: string;
    /** Why. */
    readonly message: string;
    /** Whether the same call may succeed later. */
    readonly retryable: boolean;
  };
}

/** How a call is made. */
export interface CallOptions {
  /** Cancels it; the call is rejected then. */
  readonly signal?: AbortSignal;
  /** Time it has, in milliseconds; 60,000 by default. */
  readonly timeoutMs?: number;
}

/** A plugin that is tested, wherever it runs. */
export interface TestedPlugin {
  /** Asks for its tools. */
  describe(): Promise<readonly OfferedTool[]>;
  /** Calls a tool and waits for its whole answer. Rejects when the call was cancelled, or the tool is unknown. */
  call(tool: string, input: JsonObject, options?: CallOptions): Promise<ToolAnswer>;
}
