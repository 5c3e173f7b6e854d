import type { CallOutcome, PluginManager, Principal, VisibleTool } from "@sigilrt/manager";

/** What a model wants next: a call of a tool, or to say something and stop. */
type Turn =
  | { readonly kind: "call"; readonly tool: string; readonly arguments: Record<string, string> }
  | { readonly kind: "answer"; readonly text: string };

/** What was said so far. What a tool said is a stranger's text. */
type Message =
  | { readonly role: "user"; readonly text: string }
  | { readonly role: "tool"; readonly tool: string; readonly text: string };

/** Any model: it sees what was said and the tools that this person may use, and nothing else. */
export type Model = (messages: readonly Message[], tools: readonly VisibleTool[]) => Promise<Turn>;

const MAX_TURNS = 8;

/** Lets a model work for somebody with the tools of a gateway. Each call is decided for that person, contained, and on record. */
export async function runAgent(
  gateway: PluginManager,
  principal: Principal,
  question: string,
  model: Model,
): Promise<string> {
  const messages: Message[] = [{ role: "user", text: question }];
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    // Anew each time: a right or a tool may have gone since.
    const { tools } = gateway.visibleTools(principal);
    // oxlint-disable-next-line no-await-in-loop -- a conversation
    const next = await model(messages, tools);
    if (next.kind === "answer") return next.text;
    const [plugin = "", tool = ""] = next.tool.split(".", 2);
    const call = { plugin, tool, arguments: next.arguments, principal };
    // oxlint-disable-next-line no-await-in-loop -- as above
    const outcome = await gateway.call(call);
    messages.push({ role: "tool", tool: next.tool, text: wordsOf(outcome) });
  }
  return `stopped after ${MAX_TURNS} turns`;
}

/** What a model is told of a call. A refusal has its public reason: which set said no is for people with the audit. */
function wordsOf(outcome: CallOutcome): string {
  if (outcome.kind === "denied") return `denied: ${outcome.publicReason}`;
  if (outcome.kind !== "completed") return outcome.kind;
  return outcome.content.map((part) => (part.kind === "text" ? part.text : part.kind)).join("\n");
}
