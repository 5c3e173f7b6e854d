import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Readable, type Writable } from "node:stream";

/** What a server answers; its parts are looked at by whoever asked. */
interface Answer {
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A client of MCP on standard input and output that knows nothing but lines. */
export interface McpLines {
  /** Sends a request and answers its result. @throws {Error} with the server's error, or when it ended */
  ask(method: string, params: object): Promise<Readonly<Record<string, unknown>>>;
  /** Sends a notice. */
  tell(method: string): void;
}

/** Talks to a server; requests that it makes itself are not answered. What it complained of is told when it ends. */
export function openMcpLines(
  stdin: Writable,
  stdout: Readable,
  complaints: Promise<string>,
): McpLines {
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  const send = (message: object): void =>
    void stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const lines = createInterface({ input: stdout });
  lines.on("line", (line) => {
    const message: unknown = JSON.parse(line);
    const { id, method, ...answer } = Object(message);
    if (method === undefined) waiting.get(id)?.(answer);
  });
  const ended = once(lines, "close").then(async (): Promise<Answer> => ({
    error: `it ended: ${await complaints}`,
  }));
  return {
    async ask(method, params) {
      asked += 1;
      const id = asked;
      const answered = new Promise<Answer>((resolve) => void waiting.set(id, resolve));
      send({ id, method, params });
      const { result, error } = await Promise.race([answered, ended]);
      if (result === undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
      return Object(result);
    },
    tell: (method) => send({ method }),
  };
}
