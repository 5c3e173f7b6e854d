/** One instruction of classic BPF, `struct sock_filter`. */
export interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly constant: number;
}

/** A block that ends in a return on every way through it, unless it says otherwise. */
export type Block = readonly Instruction[];

/** A jump that looks at the loaded word. */
export interface Test {
  readonly is: "equal" | "at_least" | "above" | "any_bit";
  readonly value: number;
}

const codes = {
  loadWord: 0x20, // BPF_LD | BPF_W | BPF_ABS
  and: 0x54, // BPF_ALU | BPF_AND | BPF_K
  jump: 0x05, // BPF_JMP | BPF_JA
  answer: 0x06, // BPF_RET | BPF_K
  equal: 0x15,
  above: 0x25,
  at_least: 0x35,
  any_bit: 0x45,
} as const;
const maxShortJump = 255;
const instructionBytes = 8;

/** Loads a word of `struct seccomp_data`. */
export function loadWord(offset: number): Instruction {
  return instruction(codes.loadWord, offset);
}

/** Keeps these bits of the loaded word. */
export function keepBits(mask: number): Instruction {
  return instruction(codes.and, mask);
}

/** Ends the filter. */
export function answerWith(value: number): Instruction {
  return instruction(codes.answer, value);
}

/** Jumps forward over `count` instructions. */
export function jumpOver(count: number): Instruction {
  return instruction(codes.jump, count);
}

/** Runs `whenTrue` if the test holds, else goes on behind it. A conditional jump reaches 255 instructions. */
export function runIf({ is, value }: Test, whenTrue: Block): Block {
  const { length } = whenTrue;
  if (length <= maxShortJump) return [instruction(codes[is], value, 0, length), ...whenTrue];
  return [instruction(codes[is], value, 1, 0), jumpOver(length), ...whenTrue];
}

/** Runs `whenFalse` if the test does not hold, else goes on behind it. */
export function runUnless({ is, value }: Test, whenFalse: Block): Block {
  const { length } = whenFalse;
  if (length <= maxShortJump) return [instruction(codes[is], value, length, 0), ...whenFalse];
  return [instruction(codes[is], value, 0, 1), jumpOver(length), ...whenFalse];
}

/** The bytes that the kernel reads, little-endian on every known architecture. */
export function encode(block: Block): Uint8Array {
  const bytes = new Uint8Array(block.length * instructionBytes);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, jumpTrue, jumpFalse, constant }] of block.entries()) {
    const at = index * instructionBytes;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, jumpTrue);
    view.setUint8(at + 3, jumpFalse);
    view.setUint32(at + 4, constant, true);
  }
  return bytes;
}

function instruction(code: number, constant: number, jumpTrue = 0, jumpFalse = 0): Instruction {
  return { code, jumpTrue, jumpFalse, constant };
}
