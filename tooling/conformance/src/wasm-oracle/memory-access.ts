/* oxlint-disable typescript/no-unsafe-type-assertion -- validation, which engines do first, proves the types of every operand */
import type { Memory } from "./store.ts";

type Load = (view: DataView, at: number) => unknown;
type Store = (view: DataView, at: number, value: never) => void;

const loads: readonly (readonly [size: number, load: Load])[] = [
  [4, (view, at) => view.getInt32(at, true)],
  [8, (view, at) => view.getBigInt64(at, true)],
  [4, (view, at) => view.getFloat32(at, true)],
  [8, (view, at) => view.getFloat64(at, true)],
  [1, (view, at) => view.getInt8(at)],
  [1, (view, at) => view.getUint8(at)],
  [2, (view, at) => view.getInt16(at, true)],
  [2, (view, at) => view.getUint16(at, true)],
  [1, (view, at) => BigInt(view.getInt8(at))],
  [1, (view, at) => BigInt(view.getUint8(at))],
  [2, (view, at) => BigInt(view.getInt16(at, true))],
  [2, (view, at) => BigInt(view.getUint16(at, true))],
  [4, (view, at) => BigInt(view.getInt32(at, true))],
  [4, (view, at) => BigInt(view.getUint32(at, true))],
];

const stores: readonly (readonly [size: number, store: Store])[] = [
  [4, (view, at, value: number) => view.setInt32(at, value, true)],
  [8, (view, at, value: bigint) => view.setBigInt64(at, value, true)],
  [4, (view, at, value: number) => view.setFloat32(at, value, true)],
  [8, (view, at, value: number) => view.setFloat64(at, value, true)],
  [1, (view, at, value: number) => view.setInt8(at, value)],
  [2, (view, at, value: number) => view.setInt16(at, value, true)],
  [1, (view, at, value: bigint) => view.setInt8(at, Number(BigInt.asIntN(8, value)))],
  [2, (view, at, value: bigint) => view.setInt16(at, Number(BigInt.asIntN(16, value)), true)],
  [4, (view, at, value: bigint) => view.setInt32(at, Number(BigInt.asIntN(32, value)), true)],
];

/** Runs a load (`0x28` to `0x35`) or store (`0x36` to `0x3e`) on the values of the stack. */
export function access(op: number, offset: number, memory: Memory, stack: unknown[]): void {
  if (op < 0x36) {
    const [size, load] = loads[op - 0x28] ?? [0, () => undefined];
    stack.push(load(memory.view, memory.at(Number(stack.pop()), offset, size)));
    return;
  }
  const [size, store] = stores[op - 0x36] ?? [0, () => undefined];
  const value = stack.pop() as never;
  store(memory.view, memory.at(Number(stack.pop()), offset, size), value);
}
