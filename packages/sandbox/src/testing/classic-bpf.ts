/** What a filter is asked about: `struct seccomp_data`. */
export interface SystemCall {
  readonly arch: number;
  readonly number: number;
  /** Six 64-bit values; what is missing is 0. */
  readonly arguments?: readonly bigint[];
}

const wordBytes = 4;
const dataBytes = 64;
const instructionBytes = 8;

/**
 * What the kernel says about a program before it takes it, from its documentation of classic BPF; `undefined` means
 * it is taken.
 */
export function refusalOf(program: Uint8Array): string | undefined {
  const count = program.length / instructionBytes;
  if (!Number.isInteger(count)) return "not a whole number of instructions";
  if (count < 1 || count > 4_096) return "too short or too long";
  for (let at = 0; at < count; at += 1) {
    const fault = faultOf(read(program, at), count - at - 1);
    if (fault !== undefined) return `${at}: ${fault}`;
  }
  return read(program, count - 1).code === 0x06 ? undefined : "does not end with a return";
}

function faultOf({ code, jt, jf, k }: Read, behind: number): string | undefined {
  switch (code) {
    case 0x20:
      return k % wordBytes === 0 && k < dataBytes ? undefined : "loads from outside";
    case 0x54:
    case 0x06:
      return undefined;
    case 0x05:
      return k < behind ? undefined : "jumps out of the program";
    case 0x15:
    case 0x25:
    case 0x35:
    case 0x45:
      return jt < behind && jf < behind ? undefined : "jumps out of the program";
    default:
      return `unknown code ${code}`;
  }
}

/** Runs a program as the kernel does and answers its 32-bit value. */
export function run(program: Uint8Array, call: SystemCall): number {
  const seen = new DataView(new ArrayBuffer(dataBytes));
  seen.setUint32(0, call.number, true);
  seen.setUint32(4, call.arch, true);
  for (const [index, value] of (call.arguments ?? []).entries()) {
    seen.setBigUint64(16 + 8 * index, value, true);
  }
  let word = 0;
  for (let at = 0; at < program.length / instructionBytes; at += 1) {
    const { code, jt, jf, k } = read(program, at);
    if (code === 0x06) return k;
    if (code === 0x20) word = seen.getUint32(k, true);
    else if (code === 0x54) word = (word & k) >>> 0;
    else if (code === 0x05) at += k;
    else if (code === 0x15) at += word === k ? jt : jf;
    else if (code === 0x25) at += word > k ? jt : jf;
    else if (code === 0x35) at += word >= k ? jt : jf;
    else if (code === 0x45) at += (word & k) === 0 ? jf : jt;
    else throw new Error(`unknown code ${code}`);
  }
  throw new Error("ran off the end");
}

interface Read {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

function read(program: Uint8Array, index: number): Read {
  const view = new DataView(program.buffer, program.byteOffset + index * instructionBytes, 8);
  const [code, jt, jf] = [view.getUint16(0, true), view.getUint8(2), view.getUint8(3)];
  return { code, jt, jf, k: view.getUint32(4, true) };
}
