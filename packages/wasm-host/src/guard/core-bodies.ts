import type { WasmLimits } from "../limits.ts";
import type { ByteReader } from "./byte-reader.ts";
import { type InstructionRules, walkExpression } from "./instructions.ts";
import { beyond, malformed } from "./refusal.ts";
import { readValueType } from "./value-types.ts";

/** What bodies are held to. */
export interface BodyRules extends InstructionRules {
  /** The host's limits. */
  readonly limits: WasmLimits;
}

/** Reads a constant expression. */
export const readExpression = (reader: ByteReader, rules: BodyRules): void =>
  walkExpression(reader, rules);

/** Reads the code section and answers how many bodies it holds. */
export function readCode(part: ByteReader, rules: BodyRules): number {
  const { limits } = rules;
  const at = part.at;
  const count = part.u32();
  if (count > limits.functions) throw beyond("functions", count, limits.functions);
  if (count > part.end - part.at) throw malformed("a count that the bytes cannot hold", at);
  for (let index = 0; index < count; index += 1) {
    const size = part.u32();
    if (size > limits.body_bytes) throw beyond("body_bytes", size, limits.body_bytes);
    const body = part.part(size);
    readLocals(body, limits);
    walkExpression(body, rules);
    body.finish();
  }
  return count;
}

function readLocals(body: ByteReader, limits: WasmLimits): void {
  let locals = 0;
  for (let groups = body.count(); groups > 0; groups -= 1) {
    locals += body.u32();
    if (locals > limits.locals) throw beyond("locals", locals, limits.locals);
    readValueType(body);
  }
}
