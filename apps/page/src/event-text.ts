/** One event of a stream of server-sent events. */
export interface StreamEvent {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: string;
}

const MAX_EVENT = 65_536;

/** Reads server-sent events from parts of their text. The page reads them itself since a browser's own reader sends no key. */
export async function* eventsOf(parts: AsyncIterable<string>): AsyncGenerator<StreamEvent> {
  let held = "";
  for await (const part of parts) {
    const blocks = `${held}${part}`.split("\n\n");
    held = blocks.pop() ?? "";
    if (held.length > MAX_EVENT) throw new Error("An event is too large");
    for (const block of blocks) {
      const event = eventOf(block);
      if (event) yield event;
    }
  }
}

function eventOf(block: string): StreamEvent | undefined {
  const fields = new Map(
    block.split("\n").map((line): [string, string] => {
      const at = line.indexOf(": ");
      return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + 2)];
    }),
  );
  const data = fields.get("data");
  if (data === undefined) return undefined;
  return { id: fields.get("id"), type: fields.get("event") ?? "message", data };
}
