import type { CallOutcome, Scenario } from "@sigilrt/manager";
import type { StdioOwner } from "../composition.ts";
import { EXIT } from "../exit-code.ts";
import { escaped, type Terminal } from "../terminal.ts";

/** One call of an approved plugin, without an endpoint. */
export interface PluginRun {
  /** The plugin. */
  readonly plugin: string;
  /** The tool's name within it. */
  readonly tool: string;
  /** Its arguments. */
  readonly arguments: Scenario["calls"][number]["arguments"];
  /** Whose call it is; the first user of the configuration, in their first workspace, when absent. */
  readonly owner?: StdioOwner;
}

/** Runs a tool of an approved plugin and answers how the call ended; `log` hears what the plugin and its host say. */
export type RunPlugin = (call: PluginRun, log: (line: string) => void) => Promise<CallOutcome>;

/** Runs one tool of one approved plugin, contained, decided and on record as behind the endpoint, and shows what it answered. */
export async function runVerb(
  call: PluginRun,
  { json }: { readonly json: boolean },
  run: RunPlugin,
  { out, err }: Terminal,
): Promise<number> {
  const outcome = await run(call, (line) => err(escaped(line)));
  if (json) out(JSON.stringify(outcome, bytesAsText));
  else if (outcome.kind === "completed") for (const line of answerLines(outcome)) out(line);
  const failure = failureOf(outcome);
  if (failure !== undefined) err(escaped(`${call.plugin}.${call.tool}: ${failure}`));
  if (outcome.kind === "invalid") return EXIT.usage;
  return failure === undefined ? EXIT.ok : EXIT.undecided;
}

type Completed = Extract<CallOutcome, { readonly kind: "completed" }>;

/** What a plugin wrote reaches a terminal as text alone. */
function answerLines({ content, structured }: Completed): readonly string[] {
  const pieces = content.flatMap((piece) =>
    piece.kind === "text"
      ? piece.text.split("\n")
      : [`[${piece.data.byteLength} bytes of ${piece.mimeType}]`],
  );
  return [...pieces, ...(structured === undefined ? [] : [JSON.stringify(structured)])].map(
    (line) => escaped(line),
  );
}

function failureOf(outcome: CallOutcome): string | undefined {
  switch (outcome.kind) {
    case "completed":
      return outcome.isError ? "the tool failed" : undefined;
    case "invalid":
      return outcome.issues.map(({ path, message }) => `/${path.join("/")} ${message}`).join("; ");
    case "denied":
      return `denied, ${outcome.publicReason}; sigil audit explain ${outcome.decisionId} says why`;
    case "unavailable":
      return `unavailable, ${outcome.reason}`;
    case "cancelled":
      return `cancelled by ${outcome.by}`;
    default:
      return outcome satisfies never;
  }
}

const bytesAsText = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
