import { type SeccompArch } from "./seccomp-rules.ts";
import { callNumber } from "./seccomp-table.ts";

const headerBytes = 64;
const segmentBytes = 56;
const codeOffset = headerBytes + 2 * segmentBytes;
const base = 0x40_0000n;
// The largest page of either architecture.
const alignment = 0x1_0000n;
const elf = {
  executable: 2,
  version: 1,
  load: 1,
  stack: 0x6474_e551,
  readExecute: 5,
  readWrite: 6,
};
const machines = { x86_64: 62, aarch64: 183 } as const satisfies Record<SeccompArch, number>;

/**
 * A program of a few hundred bytes that makes one system call, every argument 0, and exits with the number of the
 * error that it got, 0 for none. A shell cannot make the calls that a probe needs, and no interpreter need be here.
 */
export function probeProgram(arch: SeccompArch, call: string): Uint8Array {
  const code = arch === "x86_64" ? x86Code(call) : armCode(call);
  const size = BigInt(codeOffset + code.length);
  const bytes = new Uint8Array(Number(size));
  const view = new DataView(bytes.buffer);
  // ELF, 64 bits, little-endian.
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, elf.executable, true);
  view.setUint16(18, machines[arch], true);
  view.setUint32(20, elf.version, true);
  view.setBigUint64(24, base + BigInt(codeOffset), true);
  view.setBigUint64(32, BigInt(headerBytes), true);
  view.setUint16(52, headerBytes, true);
  view.setUint16(54, segmentBytes, true);
  view.setUint16(56, 2, true);
  const load = headerBytes;
  view.setUint32(load, elf.load, true);
  view.setUint32(load + 4, elf.readExecute, true);
  view.setBigUint64(load + 16, base, true);
  view.setBigUint64(load + 24, base, true);
  view.setBigUint64(load + 32, size, true);
  view.setBigUint64(load + 40, size, true);
  view.setBigUint64(load + 48, alignment, true);
  // Without this one the stack would be executable, which some hosts refuse.
  const stack = headerBytes + segmentBytes;
  view.setUint32(stack, elf.stack, true);
  view.setUint32(stack + 4, elf.readWrite, true);
  bytes.set(code, codeOffset);
  return bytes;
}

function x86Code(call: string): readonly number[] {
  const [number, exit] = [callNumber("x86_64", call), callNumber("x86_64", "exit_group")];
  return [
    [0x31, 0xff], // xor edi, edi
    [0x31, 0xf6], // xor esi, esi
    [0x31, 0xd2], // xor edx, edx
    [0x45, 0x31, 0xd2], // xor r10d, r10d
    [0xb8, ...word(number)], // mov eax, number
    [0x0f, 0x05], // syscall
    [0xf7, 0xd8], // neg eax
    [0x89, 0xc7], // mov edi, eax
    [0xb8, ...word(exit)], // mov eax, exit_group
    [0x0f, 0x05], // syscall
  ].flat();
}

function armCode(call: string): readonly number[] {
  const callRegister = 8;
  const serve = 0xd400_0001;
  return [
    ...[0, 1, 2, 3].map((register) => setWord(register, 0)), // mov w0 to w3, #0
    setWord(callRegister, callNumber("aarch64", call)), // mov w8, #number
    serve, // svc #0
    0x4b00_03e0, // neg w0, w0
    setWord(callRegister, callNumber("aarch64", "exit_group")), // mov w8, #exit_group
    serve, // svc #0
  ].flatMap(word);
}

// movz, which takes 16 bits.
function setWord(register: number, value: number): number {
  return 0x5280_0000 | (value << 5) | register;
}

function word(value: number): readonly number[] {
  return [value, value >>> 8, value >>> 16, value >>> 24].map((part) => part & 0xff);
}
