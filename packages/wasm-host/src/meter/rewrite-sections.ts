import { ByteReader } from "../guard/byte-reader.ts";
import type { CoreModule } from "../guard/core-module.ts";
import { malformed } from "../guard/refusal.ts";
import type { MemoryShape } from "../guard/core-storage.ts";
import { ByteWriter } from "./byte-writer.ts";
import {
  type BodyContext,
  type CounterIndices,
  rewriteBody,
  rewriteExpression,
} from "./rewrite-body.ts";

/** The module name under which counters are imported; no guest may use it. */
export const COUNTERS = "$sigil";

/** What growth is held to. */
export interface StorageBounds {
  /** Pages of a memory at most. */
  readonly pages: number;
  /** Elements of a table at most. */
  readonly elements: number;
}

/** What active segments copy when the module is instantiated. */
export interface ActiveSegments {
  bytes: number;
  elements: number;
}

/** Rewrites the sections of one module. */
export class SectionRewriter {
  /** What active segments copy. */
  readonly active: ActiveSegments = { bytes: 0, elements: 0 };
  readonly #context: BodyContext;
  readonly #shape: CoreModule;
  readonly #bounds: StorageBounds;
  readonly #code = new ByteWriter(65_536);
  readonly #body = new ByteWriter(65_536);

  constructor(
    bytes: Uint8Array,
    shape: CoreModule,
    { counters, bounds }: { readonly counters: CounterIndices; readonly bounds: StorageBounds },
  ) {
    this.#shape = shape;
    this.#bounds = bounds;
    this.#context = { bytes, counters, tableTypes: shape.tableTypes };
  }

  /** Writes the contents of a section. */
  write(id: number, start: number, end: number, out: ByteWriter): void {
    const part = new ByteReader(this.#context.bytes, start, end);
    switch (id) {
      case 2:
        return this.#imports(part, out);
      case 4:
        return this.#tables(out);
      case 5:
        out.unsigned(this.#shape.memories.length);
        for (const memory of this.#shape.memories) writeBounds(memory, this.#bounds.pages, out);
        return;
      case 6:
        return this.#items(part, out, () => {
          out.push(part.byte(), part.byte());
          rewriteExpression(part, this.#context, out);
        });
      case 7:
        return this.#items(part, out, () => this.#export(part, out));
      case 9:
        return this.#items(part, out, () => this.#element(part, out));
      case 10:
        return this.#bodies(part, out);
      case 11:
        return this.#items(part, out, () => this.#data(part, out));
      default:
        return out.copy(this.#context.bytes, start, end);
    }
  }

  /** Writes the counters, and behind them what the module itself imports. */
  #imports(part: ByteReader, out: ByteWriter): void {
    const { counters, bytes } = this.#context;
    out.unsigned((part.more ? part.u32() : 0) + counters.count);
    if (counters.fuel !== undefined) writeCounter("fuel", 0x7e, out);
    writeCounter("pages", 0x7e, out);
    writeCounter("elements", 0x7e, out);
    writeCounter("refused", 0x7f, out);
    out.copy(bytes, part.at, part.end);
  }

  #tables(out: ByteWriter): void {
    const { bytes } = this.#context;
    out.unsigned(this.#shape.tables.length);
    for (const table of this.#shape.tables) {
      out.copy(bytes, table.start, table.limitsAt);
      writeBounds(table, this.#bounds.elements, out);
      if (table.limitsEnd < table.end) {
        rewriteExpression(new ByteReader(bytes, table.limitsEnd, table.end), this.#context, out);
      }
    }
  }

  #export(part: ByteReader, out: ByteWriter): void {
    const from = part.at;
    part.skip(part.u32());
    const kind = part.byte();
    out.copy(part.bytes, from, part.at);
    const index = part.u32();
    out.unsigned(kind === 0x03 ? index + this.#context.counters.count : index);
  }

  #element(part: ByteReader, out: ByteWriter): void {
    const flags = part.u32();
    out.unsigned(flags);
    const active = (flags & 1) === 0;
    if (active) {
      if ((flags & 2) !== 0) out.unsigned(part.u32());
      rewriteExpression(part, this.#context, out);
    }
    if ((flags & 3) !== 0) out.push(part.byte());
    const count = part.u32();
    out.unsigned(count);
    if (active) this.active.elements += count;
    for (let left = count; left > 0; left -= 1) {
      if ((flags & 4) === 0) out.unsigned(part.u32());
      else rewriteExpression(part, this.#context, out);
    }
  }

  #data(part: ByteReader, out: ByteWriter): void {
    const flags = part.u32();
    out.unsigned(flags);
    if (flags === 2) out.unsigned(part.u32());
    if (flags !== 1) rewriteExpression(part, this.#context, out);
    const from = part.at;
    const length = part.u32();
    part.skip(length);
    if (flags !== 1) this.active.bytes += length;
    out.copy(part.bytes, from, part.at);
  }

  #bodies(part: ByteReader, out: ByteWriter): void {
    const { functions } = this.#shape;
    let index = 0;
    this.#items(part, out, () => {
      this.#body.clear();
      const type = functions[index];
      if (type === undefined) throw malformed("a body without a function", part.at);
      rewriteBody(part.part(part.u32()), type, this.#context, {
        body: this.#body,
        code: this.#code,
      });
      out.unsigned(this.#body.length);
      out.copy(this.#body.written);
      index += 1;
    });
  }

  #items(part: ByteReader, out: ByteWriter, write: () => void): void {
    const count = part.u32();
    out.unsigned(count);
    for (let left = count; left > 0; left -= 1) write();
    part.finish();
  }
}

function writeBounds(
  { minimum, maximum = Infinity }: MemoryShape,
  most: number,
  out: ByteWriter,
): void {
  out.push(1);
  out.unsigned(minimum);
  out.unsigned(Math.min(maximum, most));
}

function writeCounter(name: string, type: number, out: ByteWriter): void {
  for (const text of [COUNTERS, name]) {
    out.unsigned(text.length);
    out.push(...new TextEncoder().encode(text));
  }
  out.push(0x03, type, 0x01);
}
