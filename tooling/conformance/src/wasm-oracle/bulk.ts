/* oxlint-disable typescript/no-unsafe-type-assertion -- validation, which engines do first, proves the types of every operand */
import type { Instruction } from "./decode-body.ts";
import type { Tank } from "./fuel.ts";
import type { Instance } from "./instance.ts";
import { inside } from "./store.ts";
import { saturating } from "./numbers.ts";

const u32 = (value: unknown): number => Number(value) >>> 0;

/** Runs an instruction behind the prefix `0xfc`. Lengths are charged before anything is looked at. */
export function runBulk(
  { op, a = 0, b = 0 }: Instruction,
  stack: unknown[],
  instance: Instance,
  tank: Tank,
): void {
  const convert = saturating[op & 0xff];
  if (op < 0xfc08 && convert !== undefined) return void stack.push(convert(stack.pop() as never));
  if (op === 0xfc09) return void instance.dropped.data.add(a);
  if (op === 0xfc0d) return void instance.dropped.elements.add(a);
  if (op === 0xfc10) return void stack.push(instance.table(a).items.length);
  const length = u32(stack.pop());
  if (op === 0xfc0f) {
    tank.burn(length);
    return void stack.push(instance.table(a).grow(length, stack.pop(), instance.elements));
  }
  tank.burn(op >= 0xfc0c ? Math.floor(length / 4) : Math.floor(length / 16));
  const source = stack.pop();
  const target = u32(stack.pop());
  switch (op) {
    case 0xfc08: {
      const bytes = instance.dataBytes(a);
      const from = inside(u32(source), length, bytes.length);
      const memory = instance.memory();
      memory.bytes.set(bytes.subarray(from, from + length), memory.at(target, 0, length));
      return;
    }
    case 0xfc0a: {
      const memory = instance.memory();
      const from = memory.at(u32(source), 0, length);
      memory.bytes.copyWithin(memory.at(target, 0, length), from, from + length);
      return;
    }
    case 0xfc0b: {
      const memory = instance.memory();
      const from = memory.at(target, 0, length);
      memory.bytes.fill(u32(source) & 255, from, from + length);
      return;
    }
    case 0xfc0c: {
      const items = instance.elementItems(a);
      const { items: into } = instance.table(b);
      const from = inside(u32(source), length, items.length);
      inside(target, length, into.length);
      for (let at = 0; at < length; at += 1) into[target + at] = items[from + at];
      return;
    }
    case 0xfc0e: {
      const { items: into } = instance.table(a);
      const { items: out } = instance.table(b);
      const from = inside(u32(source), length, out.length);
      inside(target, length, into.length);
      const copied = out.slice(from, from + length);
      copied.forEach((item, at) => (into[target + at] = item));
      return;
    }
    default: {
      const { items } = instance.table(a);
      inside(target, length, items.length);
      items.fill(source, target, target + length);
    }
  }
}
