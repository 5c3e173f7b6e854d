import { ask, report } from "./bridge.ts";
import type { Counters } from "./counters.ts";
import type { GuestBounds, GuestSurroundings } from "./messages.ts";
import { refusal } from "./resources.ts";
import { bytesOf } from "./tool-results.ts";
import { createVirtualWasi } from "./virtual-wasi.ts";

/** The imports of the world, linked to the host. */
export interface WorldImports {
  /** By interface name without version, as the glue asks for them. */
  readonly interfaces: object;
  /** Begins a call: quotas are whole. */
  begin(): void;
  /** Ends a call: what was dropped is told. @throws {@link GuestStop} that the guest swallowed */
  end(): void;
}

/** Functions of each interface that ask the host. */
const asking = {
  "sigil:plugin/capability": ["request"],
  "sigil:plugin/config": ["get", "secret"],
  "sigil:plugin/kv": ["get", "put", "delete", "keys"],
  "sigil:plugin/http": ["send"],
  "sigil:plugin/clock": ["wallMs", "monotonicMs"],
  "sigil:plugin/random": ["bytes"],
} as const;

/** An empty line costs something too, or a flood of them would be free. */
const LINE_COST = 16;

/** Links the world. Everything is linked; what is not granted answers `denied`. */
export function createWorldImports(
  bounds: GuestBounds,
  counters: Counters,
  surroundings: GuestSurroundings,
): WorldImports {
  let logged = 0;
  let dropped = 0;
  const question = (name: string, args: readonly unknown[]): unknown => {
    const sent = sizeOf(args);
    counters.chargeQuestion(sent);
    if (sent > bounds.host_call_bytes) throw hostError("too-large");
    const answer = ask(name, args.map(plain));
    counters.chargeAnswer(sent, sizeOf(answer.kind === "value" ? answer.value : answer.text));
    if (answer.kind === "value") return answer.value;
    throw hostError(answer.tag, answer.text);
  };
  const writeLine = (level: string, line: string): void => {
    const size = bytesOf(line);
    logged += size + LINE_COST;
    if (logged > bounds.log_bytes) dropped += 1;
    else report({ kind: "log", level, message: line });
  };
  const wasi = createVirtualWasi({
    ...surroundings,
    ask: question,
    line: writeLine,
    charge: (args) => counters.chargeQuestion(sizeOf(args)),
  });
  const interfaces: Record<string, object> = Object.assign(Object.create(null), wasi.interfaces);
  for (const [name, functions] of Object.entries(asking)) {
    const short = name.slice("sigil:plugin/".length);
    interfaces[name] = freeze(
      functions.map((each) => [
        each,
        (...args: unknown[]): unknown => question(`${short}.${each}`, args),
      ]),
    );
  }
  interfaces["sigil:plugin/log"] = freeze([
    [
      "write",
      (level: unknown, message: unknown): void => {
        const line = String(message);
        counters.chargeQuestion(bytesOf(line));
        writeLine(String(level), line);
      },
    ],
  ]);
  interfaces["sigil:plugin/progress"] = freeze([
    [
      "report",
      (...args: unknown[]): void => {
        const sent = sizeOf(args);
        counters.chargeQuestion(sent);
        if (sent > bounds.host_call_bytes) dropped += 1;
        else ask("progress.report", args.map(plain));
      },
    ],
  ]);
  interfaces["sigil:plugin/types"] = freeze([]);
  return {
    interfaces: Object.freeze(interfaces),
    begin() {
      logged = 0;
      dropped = 0;
      wasi.begin();
    },
    end() {
      wasi.end();
      if (dropped > 0) report({ kind: "log-dropped", lines: dropped });
    },
  };
}

/** An error of the world as the glue expects it. */
const hostError = (tag: string, text?: string): Error =>
  refusal(text === undefined ? { tag } : { tag, val: text });

function freeze(entries: readonly (readonly [string, unknown])[]): object {
  const bare: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries) bare[name] = value;
  return Object.freeze(bare);
}

/** Copies what a guest hands over as plain data; the glue's objects belong to another context. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return Uint8Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  }
  return typeof value === "function" || typeof value === "symbol" ? undefined : value;
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return bytesOf(value);
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + sizeOf(each) + 8, 0);
  if (typeof value === "object" && value !== null) return sizeOf(Object.values(value));
  return 8;
}
